internal import Tensors

/// Which events of a batch are hidden.
enum Hiding {
    /// Drawn anew for every key, of a sequence by the key and the sequence's own items alone.
    case drawn(key: UInt64)
    /// Places within what is read of each sequence, ascending.
    case given([[Int]])
}

extension BERT4Rec {
    /// How many events of a sequence are hidden.
    func hiddenCount(length: Int) -> Int {
        length < 2 ? 0 : min(max(1, Int((configuration.maskProbability * Float(length)).rounded())), length - 1)
    }

    /// Puts the mask token in the place of the hidden events and their items into the batch's targets.
    /// - Parameters:
    ///   - first: index of the batch's first sequence among the given ones.
    ///   - positions: room for N, receives the hidden positions.
    /// - Returns: M.
    func hide(_ hiding: Hiding, in batch: RaggedBatch, first: Int, positions: UnsafeMutablePointer<Int32>) -> Int {
        var count = 0
        func hide(_ position: Int) {
            positions[count] = Int32(position)
            batch.targets[count] = batch.inputs[position]
            batch.inputs[position] = mask
            count += 1
        }
        for sequence in 0..<batch.sequenceCount {
            let range = batch.range(sequence)
            switch hiding {
            case .given(let places): for place in places[first + sequence] { hide(range.lowerBound + place) }
            case .drawn(let key):
                var wanted = hiddenCount(length: range.count)
                if wanted == 0 { continue }
                var numbers = Mixer(state: key)
                for position in range { numbers.absorb(UInt64(UInt32(bitPattern: batch.inputs[position]))) }
                if numbers.uniform() < configuration.lastOnlyProbability {
                    hide(range.upperBound - 1)
                    continue
                }
                // Each subset of that size is equally likely (Knuth, algorithm S).
                for position in range where numbers.uniform() * Float(range.upperBound - position) < Float(wanted) {
                    hide(position)
                    wanted -= 1
                    if wanted == 0 { break }
                }
            }
        }
        return count
    }
}

/// A small generator that a sequence's items steer (Steele et al. 2014, SplitMix64).
private struct Mixer {
    var state: UInt64

    mutating func absorb(_ value: UInt64) {
        state ^= value
        state = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// In [0, 1).
    mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }
}
