"""Where it is kept: datasets, proposals, jobs and their worker."""
