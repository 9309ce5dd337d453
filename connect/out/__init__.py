"""Purchase orders out: as files, EDI, mail or a webhook, each once, in a form that its receiver knows again."""
