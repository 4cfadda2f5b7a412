enum ReconcilerAnchor {}
