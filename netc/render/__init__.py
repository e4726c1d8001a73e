"""Plan to scripts: the only place where Jinja2 and quoting live."""
