// Storage: front page to come.
