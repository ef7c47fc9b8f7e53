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
}
