// Extraction: front page to come.
