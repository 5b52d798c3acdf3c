print("pipesnap")
