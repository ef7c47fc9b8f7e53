import Federation
import SeededRandom
import Testing

@Suite("Plan encoding")
struct PlanEncodingTests {
    @Test("every plan comes back from its bytes, and its bytes from the plan")
    func roundTrip() throws {
        var stream = RandomStream(seed: 1, "plans")
        for _ in 0..<300 {
            let plan = Plan.random(&stream)
            let decoded = try Plan(encoded: plan.encoded())
            #expect(decoded == plan)
            #expect(decoded.encoded() == plan.encoded())
        }
    }

    @Test("the digest of a plan is fixed for ever")
    func goldenDigest() {
        #expect(Plan.example().digest.hex == "dc7611aa05147e6c6f80215173f6dc4892701f6f12b5d3d49342bd753d2e06bc")
    }

    @Test("bytes that are cut off or continued are refused")
    func strictLength() {
        let bytes = Plan.privateExample().encoded()
        for count in bytes.indices { #expect(throws: FederationError.self) { try Plan(encoded: Array(bytes.prefix(count))) } }
        #expect(throws: FederationError.self) { try Plan(encoded: bytes + [0]) }
    }

    @Test("damaged bytes are refused or are another plan's only bytes")
    func fuzz() {
        var stream = RandomStream(seed: 2, "damage")
        for _ in 0..<3000 {
            var bytes = Plan.random(&stream).encoded()
            for _ in 0...stream.below(3) { bytes[stream.below(bytes.count)] = UInt8(truncatingIfNeeded: stream.next()) }
            if let plan = try? Plan(encoded: bytes) { #expect(plan.encoded() == bytes) }
        }
    }

    @Test("two plans that differ in one field differ in their digests")
    func sensitivity() {
        var other = Plan.example()
        other.selection.gatherSeconds += 1
        #expect(other.digest != Plan.example().digest)
    }
}
