enum BuilderAnchor {}
