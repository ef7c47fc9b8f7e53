import Federation
import SeededRandom
import Testing

@Suite("Update codec")
struct UpdateCodecTests {
    /// Values with their extremes for b bits.
    private func values(_ bits: Int, _ stream: inout RandomStream) -> [Int64] {
        let top = Int64.max >> (64 - Int64(bits))
        return [0, 1, -1, top, -top - 1] + (0..<100).map { _ in Int64(bitPattern: stream.next()) >> (64 - Int64(bits)) }
    }

    @Test("words come back as centred values", arguments: [32, 40, 64])
    func roundTrip(_ bits: Int) throws {
        var stream = RandomStream(seed: 3, "codec")
        let codec = UpdateCodec(modulusBits: bits)
        let values = values(bits, &stream)
        let bytes = codec.encode(values)
        #expect(bytes.count == values.count * bits / 8)
        #expect(try codec.decode(bytes) == values)
    }

    @Test("a value outside the modulus is reduced", arguments: [32, 40])
    func reduction(_ bits: Int) throws {
        let codec = UpdateCodec(modulusBits: bits)
        let modulus = Int64(1) << Int64(bits)
        #expect(try codec.decode(codec.encode([modulus + 5, modulus / 2, -modulus - 5])) == [5, -modulus / 2, -5])
    }

    @Test("sums are exact modulo 2^b in any order", arguments: [32, 40, 64])
    func sums(_ bits: Int) throws {
        var stream = RandomStream(seed: 4, "sums")
        let codec = UpdateCodec(modulusBits: bits)
        let updates = (0..<20).map { _ in values(bits, &stream) }
        var expected = [Int64](repeating: 0, count: updates[0].count)
        for update in updates { for index in update.indices { expected[index] &+= update[index] } }
        for order in [updates, updates.reversed()] {
            var sum = [Int64](repeating: 0, count: expected.count)
            for update in order { try codec.add(codec.encode(update), to: &sum) }
            #expect(sum.map(codec.centred) == expected.map(codec.centred))
        }
    }

    @Test("bytes of another length are refused")
    func length() {
        var sum: [Int64] = [0, 0]
        #expect(throws: FederationError.self) { try UpdateCodec(modulusBits: 40).add([UInt8](repeating: 0, count: 9), to: &sum) }
    }

    @Test("privacy local lets nothing out without noise")
    func stages() throws {
        let clipped = Update(sumOverUsers: [1, 2])
        #expect(throws: FederationError.self) { try clipped.entrusted(under: Plan.privateExample().privacy) }
        let off = Plan.example().privacy
        let update = try Update(weightedSum: [1, -2], weight: 3).entrusted(under: off)
        #expect(try UpdateCodec(modulusBits: 64).decode(update.encoded(on: off.grid)) == [1, -2, 3])
    }
}
