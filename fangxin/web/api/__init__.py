"""The JSON API for people signed in: the same queries, forms and actions as the pages, at other addresses."""
