enum RegistryAnchor {}
import AsyncHTTPClient
