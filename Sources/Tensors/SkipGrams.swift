internal import CKernels

/// Skip-grams with negative sampling, one step of gradient descent per window, on a copy of the input and output tables
/// (rows of `stride` floats, a multiple of a lane). Calls on distinct copies may run at the same time.
public struct SkipGrams {
    public var stride: Int
    public var window: Int
    /// Whether contexts are only taken from before their centre.
    public var directed: Bool
    /// Negatives of a window, shared by its pairs (Ji et al. 2016); those equal to the centre are left out.
    public var negatives: Int
    public var input: UnsafeMutablePointer<Float>
    public var output: UnsafeMutablePointer<Float>
    public var rate: Float
    public var draws: ItemDraws
    /// An event stays when 32 random bits are at most keep[item]; `nil` keeps all.
    public var keep: UnsafePointer<UInt32>?
    /// Set to `stamp` for every row that moves.
    public var inputStamps: UnsafeMutablePointer<Int32>
    public var outputStamps: UnsafeMutablePointer<Int32>
    public var stamp: Int32

    public init(
        stride: Int, window: Int, directed: Bool, negatives: Int, input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>, rate: Float,
        draws: ItemDraws, keep: UnsafePointer<UInt32>?, inputStamps: UnsafeMutablePointer<Int32>,
        outputStamps: UnsafeMutablePointer<Int32>, stamp: Int32
    ) {
        self.stride = stride
        self.window = window
        self.directed = directed
        self.negatives = negatives
        self.input = input
        self.output = output
        self.rate = rate
        self.draws = draws
        self.keep = keep
        self.inputStamps = inputStamps
        self.outputStamps = outputStamps
        self.stamp = stamp
    }

    /// Integers that `train` needs beside one per event.
    public var integerSpace: Int { 2 * window + negatives + 1 }
    /// Floats that `train` needs.
    public var floatSpace: Int { (negatives + 1) * (stride + 4 * window) }

    /// Trains on one sequence.
    /// - Parameters:
    ///   - key: names the draws.
    ///   - integers: count + `integerSpace`; floats: `floatSpace`.
    /// - Returns: the summed loss over pairs of centre and context, and how many pairs there were.
    public func train(
        _ events: UnsafePointer<Int32>, count: Int, key: UInt64, integers: UnsafeMutablePointer<Int32>, floats: UnsafeMutablePointer<Float>
    ) -> (loss: Double, pairs: Int) {
        draws.withDraws { draws in
            var task = tributary_skipgram(
                width: Int64(stride), window: Int64(window), negatives: Int64(negatives), directed: directed ? 1 : 0, input: input, output: output, rate: rate,
                draws: draws, keep: keep, input_stamps: inputStamps, output_stamps: outputStamps, stamp: stamp)
            var pairs: Int64 = 0
            let loss = tributary_skipgrams(&task, Int64(count), events, key, integers, floats, &pairs)
            return (loss, Int(pairs))
        }
    }
}

extension Kernels {
    /// Rows of a table move by the sum of what the copies' stamped rows moved by, in the copies' order; then all copies hold the new rows.
    public static func mergeRows(
        _ rows: Range<Int>, stride: Int, copies: [UnsafeMutablePointer<Float>], stamps: [UnsafeMutablePointer<Int32>], stamp: Int32,
        into table: UnsafeMutablePointer<Float>
    ) {
        let copies = copies.map(Optional.init)
        let stamps = stamps.map { UnsafePointer<Int32>?($0) }
        tributary_merge_rows(Int64(rows.lowerBound), Int64(rows.upperBound), Int64(stride), Int64(copies.count), copies, stamps, stamp, table)
    }
}
