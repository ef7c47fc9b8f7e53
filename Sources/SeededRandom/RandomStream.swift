import Crypto

/// A named, splittable stream of reproducible random numbers.
///
/// A stream is a pure function of a seed and a path of names, so that adding a draw in one place never changes the numbers
/// another place sees: `RandomStream(seed: 7, "round 3", "dropout")`. It is **not** a source of secrets: privacy noise and
/// keys come from the system's entropy.
///
/// The generator is xoshiro256++ (Blackman and Vigna 2021), its state the SHA-256 of the seed and the length-prefixed names.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)
    /// Digest that children are derived from; drawing numbers does not change it.
    private let root: [UInt8]

    /// The stream of a seed and a path of names; no names is the root stream of the seed.
    public init(seed: UInt64, _ names: String...) {
        var bytes = Array("tributary.random.v1".utf8)
        bytes.appendLittleEndian(seed)
        self.init(root: names.reduce(Self.digest(bytes), Self.descend))
    }

    /// The stream below this one of that name; independent of how many numbers were drawn from this one.
    public func child(_ name: String) -> RandomStream { RandomStream(root: Self.descend(root, name)) }

    /// The stream below this one of that number.
    public func child(_ index: Int) -> RandomStream { child("#\(index)") }

    /// The stream below this one named by bytes, such as the digest of a user's own events.
    public func child(bytes: some Sequence<UInt8>) -> RandomStream {
        var input = root
        input.append(2)
        input.append(contentsOf: bytes)
        return RandomStream(root: Self.digest(input))
    }

    private init(root: [UInt8]) {
        self.root = root
        func word(_ index: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(root[index * 8 + $1]) << (8 * UInt64($1)) } }
        state = (word(0), word(1), word(2), word(3) | 1)
    }

    private static func descend(_ root: [UInt8], _ name: String) -> [UInt8] {
        var input = root
        input.append(1)
        input.appendLittleEndian(UInt64(name.utf8.count))
        input.append(contentsOf: name.utf8)
        return digest(input)
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    public mutating func next() -> UInt64 {
        let sum = state.0 &+ state.3
        let result = (sum << 23 | sum >> 41) &+ state.0
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }
}

extension RandomStream {
    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in [0, 1), a multiple of 2⁻²⁴.
    public mutating func uniformFloat() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Uniform in 0 ..< bound without modulo bias (Lemire 2019).
    /// - Parameter bound: at least 1.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound >= 1, "bound must be at least 1")
        return Int(next(upperBound: UInt64(bound)))
    }

    /// `true` with the given probability in [0, 1].
    public mutating func bernoulli(_ probability: Double) -> Bool { uniform() < probability }

    /// Fisher–Yates, in place.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        guard elements.count > 1 else { return }
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, below(last + 1))
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendLittleEndian(_ value: UInt64) {
        for shift in 0..<8 { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(shift)))) }
    }
}
