"""What the portal knows about photo-z data, people and storage; it has never heard of the web."""
