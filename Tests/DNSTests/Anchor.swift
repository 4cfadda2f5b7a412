@testable import DNS
