enum SupervisorAnchor {}
