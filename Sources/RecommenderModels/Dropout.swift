internal import SeededRandom
internal import Tensors

/// Inverted dropout: coordinates are kept with probability 1 − p and then multiplied by 1/(1 − p).
enum Dropout {
    /// Fills a mask of factors; the probability is taken to the nearest multiple of 2⁻¹⁶.
    static func fill(_ mask: UnsafeMutablePointer<Float>, count: Int, probability: Float, stream: RandomStream) {
        var numbers = stream
        let threshold = UInt64((probability * 65536).rounded())
        let kept = 1 / (1 - Float(threshold) / 65536)
        var word: UInt64 = 0
        for index in 0..<count {
            word = index & 3 == 0 ? numbers.next() : word >> 16
            mask[index] = word & 0xFFFF < threshold ? 0 : kept
        }
    }
}

extension ScratchArena {
    /// A mask of `count` factors, or `nil` when nothing is dropped: probability 0 or no stream.
    mutating func dropoutMask(_ count: Int, probability: Float, stream: RandomStream?) -> UnsafeMutablePointer<Float>? {
        guard let stream, probability > 0 else { return nil }
        let mask = take(count)
        Dropout.fill(mask, count: count, probability: probability, stream: stream)
        return mask
    }
}
