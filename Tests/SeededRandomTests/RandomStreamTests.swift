import SeededRandom
import Testing

@Suite("Random streams")
struct RandomStreamTests {
    private func draws(_ stream: RandomStream, _ count: Int = 8) -> [UInt64] {
        var stream = stream
        return (0..<count).map { _ in stream.next() }
    }

    @Test("the same seed and names give the same numbers")
    func repeatable() {
        #expect(draws(RandomStream(seed: 7, "round", "1")) == draws(RandomStream(seed: 7, "round", "1")))
    }

    @Test("a name is not the concatenation of names, nor a child of another kind")
    func pathsDoNotCollide() {
        let root = RandomStream(seed: 7)
        let streams = [
            root, RandomStream(seed: 8), root.child("ab"), root.child("a").child("b"), root.child(""), root.child("#1"), root.child(bytes: Array("ab".utf8)),
            root.child(bytes: []),
        ]
        #expect(Set(streams.map { draws($0) }).count == streams.count)
        #expect(draws(root.child(1)) == draws(root.child("#1")))
    }

    @Test("drawing does not change what a child is")
    func childrenAreIndependentOfDraws() {
        var stream = RandomStream(seed: 3)
        let before = draws(stream.child("x"))
        _ = stream.next()
        #expect(draws(stream.child("x")) == before)
    }

    @Test("bounded draws are uniform", arguments: [1, 2, 3, 7, 100])
    func below(bound: Int) {
        var stream = RandomStream(seed: 11, "below")
        let perBin = 2000
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<(bound * perBin) { counts[stream.below(bound)] += 1 }
        let chiSquare = counts.reduce(0.0) { $0 + Double(($1 - perBin) * ($1 - perBin)) / Double(perBin) }
        // Mean bound − 1, variance 2(bound − 1): six standard deviations.
        #expect(chiSquare <= Double(bound - 1) + 6 * (2 * Double(bound)).squareRoot())
    }

    @Test("a shuffle permutes, and every element can land anywhere")
    func shuffle() {
        var stream = RandomStream(seed: 5, "shuffle")
        var firsts = Set<Int>()
        for _ in 0..<200 {
            var elements = Array(0..<6)
            stream.shuffle(&elements)
            #expect(elements.sorted() == Array(0..<6))
            firsts.insert(elements[0])
        }
        #expect(firsts.count == 6)
    }

    /// Computed with Python's hashlib and a transcription of xoshiro256++; lengths on both sides of a hash block.
    @Test("streams are what an independent implementation computes")
    func golden() {
        let root = RandomStream(seed: 7)
        let squares = (0..<200).map { Int32($0 * $0 - 7) }
        let expected: [(RandomStream, [UInt64])] = [
            (root, [0xa6cac94f360719a5, 0xb81bb6efe58f0b88]),
            (RandomStream(seed: 7, "round 3", "dropout"), [0xe0411ca0abf83e49, 0x810dd315a7fb0890]),
            (root.child(12), [0x0d981dd8a023fee0, 0x584ed068446a50ad]),
            (root.child(0), [0xb99fad4d19dc0ba7, 0xf2e457923557ddcf]),
            (root.child(-5), [0xdc4c4de3663475d3, 0x6a6305ed286222ec]),
            (root.child(Int.min), [0x536546548a7a8697, 0x9c56a6cf9e785175]),
            (root.child(String(repeating: "n", count: 200)), [0xe7edfd1f7bf65032, 0xea113140841861de]),
            (root.child(bytes: Array("abc".utf8)), [0xc165039b1b0d2042, 0x9cfff7ae0618d318]),
            (root.child(bytes: []), [0x532f2336a668e95f, 0x469863a9fb9c3afc]),
            (root.child(numbers: squares[...]), [0x847d83b2a9844580, 0xa4d961310d9379e4]),
            (root.child(numbers: squares[..<0]), [0x532f2336a668e95f, 0x469863a9fb9c3afc]),
        ]
        for (stream, numbers) in expected { #expect(draws(stream, 2) == numbers) }
    }
}
