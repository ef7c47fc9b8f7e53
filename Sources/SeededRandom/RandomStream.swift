internal import CKernels

/// A named, splittable stream of reproducible random numbers.
///
/// A stream is a pure function of a seed and a path of names, so that adding a draw in one place never changes the numbers
/// another place sees: `RandomStream(seed: 7, "round 3", "dropout")`. It is **not** a source of secrets: privacy noise and
/// keys come from the system's entropy.
///
/// The generator is xoshiro256++ (Blackman and Vigna 2021), its state the SHA-256 of the seed and the length-prefixed names.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private var state: Words
    /// Digest that children are derived from, as little-endian words; drawing numbers does not change it.
    private let root: Words

    private typealias Words = (UInt64, UInt64, UInt64, UInt64)

    /// The stream of a seed and a path of names; no names is the root stream of the seed.
    public init(seed: UInt64, _ names: String...) {
        var bytes = Array("tributary.random.v1".utf8)
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: seed >> (8 * UInt64(shift)))) }
        let start = bytes.withUnsafeBytes { Self.digest(UnsafeRawBufferPointer(start: nil, count: 0), $0) }
        self = names.reduce(RandomStream(root: start)) { $0.child($1) }
    }

    /// The stream below this one of that name; independent of how many numbers were drawn from this one.
    public func child(_ name: String) -> RandomStream {
        var name = name
        return name.withUTF8 { child(named: UnsafeRawBufferPointer($0)) }
    }

    /// The stream below this one of that number.
    public func child(_ index: Int) -> RandomStream {
        // "#" and the decimal digits, written from the back.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { text in
            var start = text.count
            var rest = index.magnitude
            repeat {
                start -= 1
                text[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if index < 0 {
                start -= 1
                text[start] = UInt8(ascii: "-")
            }
            start -= 1
            text[start] = UInt8(ascii: "#")
            return child(named: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[start...])))
        }
    }

    /// The stream below this one named by bytes, such as the digest of a user's own events.
    public func child(bytes: some Sequence<UInt8>) -> RandomStream { Array(bytes).withUnsafeBytes { child(raw: $0) } }

    /// The stream below this one named by the numbers' bytes, little-endian.
    public func child(numbers: ArraySlice<Int32>) -> RandomStream {
        #if _endian(little)
            numbers.withUnsafeBytes { child(raw: $0) }
        #else
            child(bytes: numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * Int32($0))) } })
        #endif
    }

    /// Digest of root, 1, the name's length in eight bytes little-endian, the name.
    private func child(named name: UnsafeRawBufferPointer) -> RandomStream { derived(kind: 1, length: name.count, name) }

    /// Digest of root, 2, the bytes.
    private func child(raw bytes: UnsafeRawBufferPointer) -> RandomStream { derived(kind: 2, length: nil, bytes) }

    private func derived(kind: UInt8, length: Int?, _ bytes: UnsafeRawBufferPointer) -> RandomStream {
        withUnsafeTemporaryAllocation(byteCount: 48, alignment: 8) { prefix in
            prefix.storeBytes(of: root.0.littleEndian, toByteOffset: 0, as: UInt64.self)
            prefix.storeBytes(of: root.1.littleEndian, toByteOffset: 8, as: UInt64.self)
            prefix.storeBytes(of: root.2.littleEndian, toByteOffset: 16, as: UInt64.self)
            prefix.storeBytes(of: root.3.littleEndian, toByteOffset: 24, as: UInt64.self)
            prefix[32] = kind
            if let length { prefix.storeBytes(of: UInt64(length).littleEndian, toByteOffset: 33, as: UInt64.self) }
            let used = UnsafeRawBufferPointer(rebasing: prefix[..<(length == nil ? 33 : 41)])
            return RandomStream(root: Self.digest(used, bytes))
        }
    }

    private static func digest(_ prefix: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer) -> Words {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { digest in
            tributary_sha256(
                Int64(prefix.count), prefix.bindMemory(to: UInt8.self).baseAddress, Int64(bytes.count),
                bytes.bindMemory(to: UInt8.self).baseAddress, digest.bindMemory(to: UInt8.self).baseAddress)
            func word(_ index: Int) -> UInt64 { UInt64(littleEndian: digest.load(fromByteOffset: index * 8, as: UInt64.self)) }
            return (word(0), word(1), word(2), word(3))
        }
    }

    private init(root: Words) {
        self.root = root
        state = (root.0, root.1, root.2, root.3 | 1)
    }

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
