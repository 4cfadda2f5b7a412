enum ImageStoreAnchor {}
import CArchive
import CIsal
