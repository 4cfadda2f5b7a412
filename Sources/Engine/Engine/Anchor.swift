enum EngineAnchor {}
import GRDB
