"""What a phone adds: fingers, the installed application, what other applications hand over."""
