"""A dependency that must not be reached, for the end-to-end tests: takes a free port of the loopback
interface, prints it, and then the number of each connection.
"""

import socket

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
count = 0
while True:
    connection, _ = listener.accept()
    connection.close()
    count += 1
    print(f"heard {count}", flush=True)
