"""The console: pages that planners, leaders and viewers work with in a browser."""
