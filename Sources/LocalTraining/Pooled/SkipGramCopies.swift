internal import RecommenderModels
internal import Tensors

/// The tables of a skip-gram model and a copy of them for every shard, with the rows each shard moved. Freed by its owner.
struct SkipGramCopies {
    private let input: UnsafeMutableBufferPointer<Float>
    private let output: UnsafeMutableBufferPointer<Float>
    private let stride: Int
    private let inputs: [UnsafeMutablePointer<Float>]
    private let outputs: [UnsafeMutablePointer<Float>]
    private let inputStamps: [UnsafeMutablePointer<Int32>]
    private let outputStamps: [UnsafeMutablePointer<Int32>]

    init(shards: Int, input: UnsafeMutableBufferPointer<Float>, output: UnsafeMutableBufferPointer<Float>, stride: Int) {
        self.input = input
        self.output = output
        self.stride = stride
        func copies(_ table: UnsafeMutableBufferPointer<Float>) -> [UnsafeMutablePointer<Float>] {
            (0..<shards).map { _ in
                let copy = UnsafeMutablePointer<Float>.allocate(capacity: table.count)
                copy.update(from: table.baseAddress!, count: table.count)
                return copy
            }
        }
        func stamps() -> [UnsafeMutablePointer<Int32>] {
            (0..<shards).map { _ in
                let stamps = UnsafeMutablePointer<Int32>.allocate(capacity: input.count / stride)
                stamps.update(repeating: 0, count: input.count / stride)
                return stamps
            }
        }
        (inputs, outputs, inputStamps, outputStamps) = (copies(input), copies(output), stamps(), stamps())
    }

    func deallocate() {
        for table in inputs + outputs { table.deallocate() }
        for stamps in inputStamps + outputStamps { stamps.deallocate() }
    }

    /// Training on one shard's copy.
    func skipGrams(of shard: Int, _ configuration: Item2VecConfiguration, draws: ItemDraws) -> SkipGrams {
        SkipGrams(
            stride: stride, window: configuration.window, directed: configuration.directed, negatives: configuration.negatives, input: inputs[shard], output: outputs[shard],
            rate: 0, draws: draws, keep: nil, inputStamps: inputStamps[shard], outputStamps: outputStamps[shard], stamp: 0)
    }

    /// The items' rows of both tables take all shards' moves, and so do the copies.
    func merge(_ items: Range<Int>, stamp: Int32) {
        Kernels.mergeRows(items, stride: stride, copies: inputs, stamps: inputStamps, stamp: stamp, into: input.baseAddress!)
        Kernels.mergeRows(items, stride: stride, copies: outputs, stamps: outputStamps, stamp: stamp, into: output.baseAddress!)
    }
}
