"""The floor: the least that Django does for one row written, one row read and fifty rows listed.

The same server, pool and database as the platform's, and nothing else: no middleware, no session, no rights.
"""
