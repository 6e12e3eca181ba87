"""OGC API: Features and Processes over the workspace's datasets, proposals and jobs."""
