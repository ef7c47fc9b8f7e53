import Crypto
import Foundation
import SecureAggregation
import Testing

@Suite("Primitives against reference vectors", .enabled(if: CryptoVectors.isThere, Comment(rawValue: CryptoVectors.absence)))
struct CryptoVectorTests {
    let vectors: CryptoVectors
    init() throws { vectors = try CryptoVectors.load() }

    @Test("X25519 multiplies, agrees, and survives a thousand iterations")
    func agreement() throws {
        for vector in vectors.x25519Rfc7748.scalarMult {
            #expect(try AgreementKey(secret(vector.scalar)).shared(with: bytes(vector.u)).shown == bytes(vector.out))
        }
        let exchange = vectors.x25519Rfc7748.diffieHellman
        let (alice, bob) = (try AgreementKey(secret(exchange.alicePrivate)), try AgreementKey(secret(exchange.bobPrivate)))
        #expect(alice.publicKey == bytes(exchange.alicePublic) && bob.publicKey == bytes(exchange.bobPublic))
        #expect(try alice.shared(with: bob.publicKey).shown == bytes(exchange.shared))
        #expect(try bob.shared(with: alice.publicKey).shown == bytes(exchange.shared))
        var (k, u) = (bytes(vectors.x25519Rfc7748.iterated.startKAndU), bytes(vectors.x25519Rfc7748.iterated.startKAndU))
        for index in 1...1000 {
            (k, u) = (try AgreementKey(secret(k)).shared(with: u).shown, k)
            if index == 1 { #expect(k == bytes(vectors.x25519Rfc7748.iterated.after1)) }
        }
        #expect(k == bytes(vectors.x25519Rfc7748.iterated.after1000))
    }

    @Test("A point of low order, and a key of another length, is refused")
    func lowOrder() throws {
        let key = try AgreementKey(secret(vectors.x25519Rfc7748.diffieHellman.alicePrivate))
        for point in vectors.x25519Rfc7748.mustRejectLowOrderPublic {
            #expect(throws: SecureAggregationError.self, "\(point)") { try key.shared(with: bytes(point)) }
        }
        for length in [0, 31, 33] { #expect(throws: SecureAggregationError.self) { try key.shared(with: [UInt8](repeating: 9, count: length)) } }
    }

    @Test("Ed25519 signs, verifies and refuses")
    func signing() throws {
        for vector in vectors.ed25519Rfc8032.valid {
            let identity = SigningIdentity(member: MemberID(1), key: try Curve25519.Signing.PrivateKey(rawRepresentation: bytes(vector.secret)))
            #expect(identity.publicKey == bytes(vector.public))
            #expect(try identity.sign(bytes(vector.message)) == bytes(vector.signature))
            #expect(try #require(VerificationKey(bytes(vector.public))).verifies(bytes(vector.signature), over: bytes(vector.message)))
        }
        for vector in vectors.ed25519Rfc8032.mustReject {
            #expect(try !#require(VerificationKey(bytes(vector.public))).verifies(bytes(vector.signature), over: bytes(vector.message)))
        }
    }

    @Test("HKDF, HMAC and SHA-256 of the cryptography library are those of the standards")
    func hashing() throws {
        for vector in vectors.hkdfSha256Rfc5869 {
            let key = HKDF<SHA256>.deriveKey(inputKeyMaterial: SymmetricKey(data: bytes(vector.ikm)), salt: bytes(vector.salt), info: bytes(vector.info), outputByteCount: vector.length)
            #expect(key.withUnsafeBytes { Array($0) } == bytes(vector.okm))
            let derived = KeyDerivation(context: bytes(vector.salt)).key(from: secret(vector.ikm), info: bytes(vector.info)).shown
            #expect(derived.prefix(vector.length) == bytes(vector.okm).prefix(32))
        }
        for vector in vectors.hmacSha256Rfc4231 {
            #expect(Array(HMAC<SHA256>.authenticationCode(for: bytes(vector.data), using: SymmetricKey(data: bytes(vector.key)))).starts(with: bytes(vector.mac)))
        }
        for vector in vectors.sha256 {
            let repeated = Array(repeatElement(bytes(vector.messageRepeat ?? ""), count: vector.times ?? 0).joined())
            #expect(Hash256(of: vector.message.map(bytes) ?? repeated).bytes == bytes(vector.digest))
        }
    }

    @Test("AES-256 in counter mode is SP 800-38A's, also where the counter wraps")
    func counterMode() throws {
        let cases = vectors.counterMode.filter { bytes($0.key).count == 32 }
        #expect(cases.count == 2)
        for vector in cases {
            let stream = try MaskStream(key: secret(vector.key), counter: bytes(vector.initialCounter))
            var out = [UInt8](repeating: 0, count: bytes(vector.plaintext).count)
            try bytes(vector.plaintext).withUnsafeBytes { input in try out.withUnsafeMutableBytes { try stream.encrypt(input, into: $0) } }
            #expect(out == bytes(vector.ciphertext))
        }
    }

    @Test("AES-256-GCM and ChaCha20-Poly1305 are those of the standards")
    func sealing() throws {
        for vector in vectors.aes256Gcm {
            let cipher = ShareCipher(key: secret(vector.key), associatedData: bytes(vector.aad))
            let sealed = try bytes(vector.plaintext).withUnsafeBytes { try cipher.seal($0, nonce: secret(vector.nonce)) }
            #expect(sealed == bytes(vector.nonce) + bytes(vector.ciphertext) + bytes(vector.tag))
        }
        for vector in vectors.chacha20Poly1305Rfc8439 {
            let box = try ChaChaPoly.seal(bytes(vector.plaintext), using: SymmetricKey(data: bytes(vector.key)), nonce: ChaChaPoly.Nonce(data: bytes(vector.nonce)), authenticating: bytes(vector.aad))
            #expect(Array(box.ciphertext) == bytes(vector.ciphertext) && Array(box.tag) == bytes(vector.tag))
        }
    }

    @Test("Shamir's shares over GF(2⁸) are the reference's, and any threshold of them gives the secret")
    func sharing() throws {
        let vectors = vectors.sharing
        for product in vectors.mul { #expect(GaloisField.product(bytes(product.a)[0], bytes(product.b)[0]) == bytes(product.product)[0]) }
        #expect(LagrangeWeights(points: vectors.lagrangeAtZero.points).weights == vectors.lagrangeAtZero.weights)
        /// Bytes are shared each by itself, so that a short secret is a long one with zeros.
        func padded(_ hex: String) -> SecretBytes { secret(bytes(hex) + [UInt8](repeating: 0, count: 32 - bytes(hex).count)) }
        for vector in vectors.cases {
            let shares = vector.shares.map(padded)
            for subset in [Array(0..<vector.threshold), Array((shares.count - vector.threshold)..<shares.count), Array(stride(from: 0, to: shares.count, by: 2))]
            where subset.count >= vector.threshold {
                let rebuilt = LagrangeWeights(points: subset.map { vector.points[$0] }).combine(subset.map { shares[$0] })
                #expect(rebuilt.shown == padded(vector.secret).shown)
            }
            // t − 1 of the shares and the secret imply the others.
            let given = Dictionary(uniqueKeysWithValues: (1..<vector.threshold).map { (vector.points[$0], shares[$0]) })
            let made = SecretSharing.shares(of: padded(vector.secret), given: given, holders: vector.points.count)
            #expect(vector.points == Array(1...UInt8(shares.count)) && zip(made, shares).allSatisfy { $0.shown == $1.shown })
        }
    }

    @Test("The small aggregation gives the reference's keys, masks, masked inputs and sums")
    func aggregation() throws {
        let toy = vectors.toyAggregation
        let derivation = KeyDerivation(context: bytes(toy.suite) + bytes(toy.session) + withUnsafeBytes(of: toy.round.bigEndian) { Array($0) } + bytes(toy.modelHash))
        func words(_ vector: MaskedVector) -> [UInt32] { vector.centred().map { UInt32(truncatingIfNeeded: $0) } }
        var total = MaskedVector(dimension: 8, modulusBits: 32)
        var selfMasks: [Mask] = []
        for client in toy.clients {
            let key = try AgreementKey(secret(client.maskPrivate))
            #expect(key.publicKey == bytes(client.maskPublic))
            var masks = [Mask(key: derivation.selfMaskKey(secret(client.selfSeed), of: MemberID(client.id)), sign: .plus)]
            selfMasks.append(Mask(key: masks[0].key, sign: .minus))
            for peer in toy.clients where peer.id != client.id {
                let pair = try #require(toy.pairs["\(min(client.id, peer.id))-\(max(client.id, peer.id))"])
                let shared = try key.shared(with: bytes(peer.maskPublic))
                #expect(shared.shown == bytes(pair.shared))
                let mask = derivation.pairMaskKey(shared, (MemberID(client.id), key.publicKey), (MemberID(peer.id), bytes(peer.maskPublic)))
                #expect(mask.shown == bytes(pair.key))
                var expanded = MaskedVector(dimension: 8, modulusBits: 32)
                try expanded.apply([Mask(key: mask, sign: .plus)])
                #expect(words(expanded) == pair.mask)
                masks.append(Mask(key: mask, sign: client.id < peer.id ? .plus : .minus))
            }
            var masked = MaskedVector(client.input.map { Int64($0) }, modulusBits: 32)
            try masked.apply(masks)
            #expect(words(masked) == client.masked)
            try total.add(payload: masked.payload())
        }
        try total.apply(selfMasks)
        #expect(words(total) == toy.sumAll)
    }
}
