// Simulator: front page to come.
