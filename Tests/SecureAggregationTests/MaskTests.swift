import SecureAggregation
import SeededRandom
import Testing

@Suite("Masks")
struct MaskTests {
    static func key(_ number: UInt8) -> SecretBytes { secret([UInt8](repeating: number, count: 32)) }

    @Test("Applying masks word by word from the keystream gives the same", arguments: [32, 40, 64], [0, 1, 2, 7, 16383, 16384, 16385, 40_000])
    func reference(bits: Int, dimension: Int) throws {
        var stream = RandomStream(seed: 1, "values")
        let values = (0..<dimension).map { _ in Int64(bitPattern: stream.next()) }
        var vector = MaskedVector(values, modulusBits: bits)
        try vector.apply([Mask(key: Self.key(1), sign: .plus), Mask(key: Self.key(2), sign: .minus), Mask(key: Self.key(3), sign: .minus)])
        let width = bits / 8
        var expected = values.map { UInt64(bitPattern: $0) }
        for (number, adds) in [(UInt8(1), true), (2, false), (3, false)] {
            var bytes = [UInt8](repeating: 0, count: dimension * width)
            try bytes.withUnsafeMutableBytes { try MaskStream(key: Self.key(number)).fill($0) }
            for index in 0..<dimension {
                let word = (0..<width).reduce(UInt64(0)) { $0 | UInt64(bytes[index * width + $1]) << UInt64(8 * $1) }
                expected[index] = adds ? expected[index] &+ word : expected[index] &- word
            }
        }
        let mask = bits == 64 ? UInt64.max : (UInt64(1) << UInt64(bits)) - 1
        let payload = vector.payload()
        #expect(payload.count == dimension * width)
        for index in 0..<dimension {
            let word = (0..<width).reduce(UInt64(0)) { $0 | UInt64(payload[index * width + $1]) << UInt64(8 * $1) }
            guard word == expected[index] & mask else {
                Issue.record("word \(index)")
                break
            }
        }
        // Back again, and through the payload.
        var copy = MaskedVector(dimension: dimension, modulusBits: bits)
        try copy.add(payload: payload)
        try copy.apply([Mask(key: Self.key(3), sign: .plus), Mask(key: Self.key(1), sign: .minus), Mask(key: Self.key(2), sign: .plus)])
        let unused = Int64(64 - bits)
        #expect(copy.centred() == values.map { ($0 << unused) >> unused })
    }

    @Test("Words of all ones are as good as any: nothing is reduced, and minus one comes out", arguments: [32, 40, 64])
    func allOnes(bits: Int) throws {
        var vector = MaskedVector([5, 0, -7], modulusBits: bits)
        try vector.add(payload: [UInt8](repeating: 255, count: 3 * bits / 8))
        #expect(vector.centred() == [4, -1, -8])
    }

    @Test("Keystream bytes and pairs of bytes are uniform, the highest and the lowest included")
    func uniform() throws {
        var words = [UInt16](repeating: 0, count: 1 << 21)
        try words.withUnsafeMutableBytes { try MaskStream(key: Self.key(4)).fill($0) }
        var counts = [Int](repeating: 0, count: 1 << 16)
        for word in words { counts[Int(word)] += 1 }
        let expected = Double(words.count) / 65536
        let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // 65,535 degrees of freedom: mean 65,535, standard deviation 362; five of them either way.
        #expect(abs(chiSquare - 65535) < 5 * 362)
        #expect(counts[0xffff] > 0 && counts[0] > 0)
    }

    @Test("Every bit of a seed changes the mask: 256 bits count, not 28 or 32")
    func wholeSeeds() throws {
        var seen: Set<[UInt8]> = []
        for bit in 0..<256 {
            var bytes = [UInt8](repeating: 0, count: 32)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let derivation = KeyDerivation(context: [1])
            for key in [derivation.selfMaskKey(secret(bytes), of: MemberID(1)), derivation.pairMaskKey(secret(bytes), (MemberID(1), [1]), (MemberID(2), [2]))] {
                #expect(key.byteCount == 32)
                var out = [UInt8](repeating: 0, count: 16)
                try out.withUnsafeMutableBytes { try MaskStream(key: key).fill($0) }
                seen.insert(out)
            }
        }
        #expect(seen.count == 512)
        let drawn = try SystemEntropySource().secret(byteCount: 32, for: EntropyPurpose(path: []))
        #expect(drawn.byteCount == 32)
        #expect(try drawn.shown != SystemEntropySource().secret(byteCount: 32, for: EntropyPurpose(path: [])).shown)
    }

    @Test("Parts of a payload add up as the whole does; parts that do not fit are refused", arguments: [32, 40, 64])
    func parts(bits: Int) throws {
        let values = (0..<100).map { Int64($0 * $0 - 50) }
        let payload = MaskedVector(values, modulusBits: bits).payload()
        let width = bits / 8
        var vector = MaskedVector(dimension: 100, modulusBits: bits)
        try payload.withUnsafeBytes { bytes in
            for first in stride(from: 0, to: 100, by: 30) {
                let end = min(100, first + 30)
                try vector.add(UnsafeRawBufferPointer(rebasing: bytes[(first * width)..<(end * width)]), at: first)
            }
        }
        #expect(vector.centred() == values)
        #expect(throws: SecureAggregationError.self) { try payload.withUnsafeBytes { try vector.add($0, at: 1) } }
        #expect(throws: SecureAggregationError.self) { try payload.withUnsafeBytes { try vector.add($0, at: -1) } }
        #expect(throws: SecureAggregationError.self) { try vector.add(payload: payload + [0]) }
        #expect(throws: SecureAggregationError.self) { try vector.add(payload: Array(payload.dropLast(width))) }
    }

    @Test("Secrets do not show in any description")
    func hidden() throws {
        let bytes = [UInt8](repeating: 0xab, count: 32)
        let secretBytes = secret(bytes)
        let identity = SigningIdentity(member: MemberID(5), key: try RoundSetting.key(1, "x"))
        let setting = try RoundSetting(nodes: 3)
        for subject in ["\(secretBytes)", String(reflecting: secretBytes), String(describing: Mirror(reflecting: secretBytes).children.map(\.value)), "\(identity)", String(reflecting: identity)] {
            #expect(!subject.contains("171") && !subject.lowercased().contains("abab") && !subject.contains("SymmetricKey"))
        }
        var shown = ""
        dump(identity, to: &shown)
        dump(secretBytes, to: &shown)
        dump(Mask(key: secretBytes, sign: .plus), to: &shown)
        #expect(!shown.contains("171") && !shown.contains("PrivateKey") && !shown.contains("SymmetricKey"))
        // A whole node in the middle of a round, and what it sends.
        let recording = try Recording(setting)
        for kind in Recording.order { dump(try recording.victim(setting.members[0], before: kind), to: &shown) }
        dump(recording.run.sent, to: &shown)
        #expect(!shown.contains("PrivateKey") && !shown.contains("SymmetricKey") && !shown.contains("body"))
    }
}
