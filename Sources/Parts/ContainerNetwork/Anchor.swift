enum ContainerNetworkAnchor {}
