"""Reading tables as people have them: CSV of any dialect and Excel, with what was understood of them said and open to contradiction."""
