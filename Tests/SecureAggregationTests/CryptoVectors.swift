import Foundation
import SecureAggregation
import TestSupport

/// The reference vectors: RFC 7748, 8032, 5869, 4231, 8439, SP 800-38A, FIPS 180-4, Shamir over GF(2⁸), and a small aggregation, each recomputed
/// with the Python package `cryptography` when the file was made.
struct CryptoVectors: Decodable {
    static let isThere = TestData.hasVectors("crypto.json")
    static let absence = "needs crypto.json; see the README"
    static func load() throws -> CryptoVectors {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        // Names that end in digits and letters have no one spelling in camel case.
        let text = try String(contentsOf: URL(filePath: TestData.vectorPath("crypto.json")), encoding: .utf8)
            .replacing("\"aes_ctr_sp800_38a\"", with: "\"counter_mode\"").replacing("\"shamir_gf256_0x11b\"", with: "\"sharing\"")
        return try decoder.decode(CryptoVectors.self, from: Data(text.utf8))
    }

    struct Agreement: Decodable {
        struct Multiplication: Decodable { var scalar, u, out: String }
        struct Exchange: Decodable { var alicePrivate, alicePublic, bobPrivate, bobPublic, shared: String }
        struct Iterated: Decodable { var startKAndU: String; var after1: String; var after1000: String }
        var scalarMult: [Multiplication]
        var diffieHellman: Exchange
        var iterated: Iterated
        var mustRejectLowOrderPublic: [String]
    }
    struct Signing: Decodable {
        struct Valid: Decodable { var secret, `public`, message, signature: String }
        struct Invalid: Decodable { var `public`, message, signature: String }
        var valid: [Valid]
        var mustReject: [Invalid]
    }
    struct Derivation: Decodable { var ikm, salt, info: String; var length: Int; var prk, okm: String }
    struct Authentication: Decodable { var key, data, mac: String }
    struct Hash: Decodable {
        /// Either the message, or a byte and how often it is repeated.
        var message, messageRepeat: String?
        var times: Int?
        var digest: String
    }
    struct Counter: Decodable { var key, initialCounter, plaintext, ciphertext: String }
    struct Sealed: Decodable { var key, nonce, plaintext, aad, ciphertext, tag: String }
    struct Sharing: Decodable {
        struct Product: Decodable { var a, b, product: String }
        struct Weights: Decodable { var points, weights: [UInt8] }
        struct Case: Decodable {
            var secret: String
            var threshold: Int
            var points: [UInt8]
            var shares: [String]
        }
        var mul: [Product]
        var lagrangeAtZero: Weights
        var cases: [Case]
    }
    struct Aggregation: Decodable {
        struct Client: Decodable { var id: UInt32; var maskPrivate, maskPublic, selfSeed: String; var input, masked: [UInt32] }
        struct Pair: Decodable { var shared, key: String; var mask: [UInt32] }
        var suite, session: String
        var round: UInt64
        var modelHash: String
        var clients: [Client]
        var pairs: [String: Pair]
        var sumAll: [UInt32]
        var sumWithout42: [UInt32]
    }

    var x25519Rfc7748: Agreement
    var ed25519Rfc8032: Signing
    var hkdfSha256Rfc5869: [Derivation]
    var hmacSha256Rfc4231: [Authentication]
    var sha256: [Hash]
    var counterMode: [Counter]
    var aes256Gcm: [Sealed]
    var chacha20Poly1305Rfc8439: [Sealed]
    var sharing: Sharing
    var toyAggregation: Aggregation
}

/// The bytes of hexadecimal text.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.map { $0 <= 57 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
func secret(_ hex: String) -> SecretBytes { secret(bytes(hex)) }
func secret(_ bytes: [UInt8]) -> SecretBytes { bytes.withUnsafeBytes { SecretBytes($0) } }
extension SecretBytes {
    var shown: [UInt8] { withBytes { Array($0) } }
}
