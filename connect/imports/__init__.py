"""`andon import`: a company's own tables become events, with every row accounted for."""
