"""What people paste and upload, lifted out of the message and known by handles."""
