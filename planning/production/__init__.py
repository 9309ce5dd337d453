"""Production: bills of material and what they ask of their parts, and how long these last on a line."""
