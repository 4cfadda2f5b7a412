import OCI
import Testing

@Suite("SHA-1")
struct SHA1Tests {
    @Test(
        "hashes as FIPS 180 says",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
        ]
    )
    func vectors(text: String, hash: String) {
        let bytes = Array(text.utf8).withUnsafeBytes { SHA1.hash($0) }
        let digits = Array("0123456789abcdef")
        #expect(String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }) == hash)
    }
}
