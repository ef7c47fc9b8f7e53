public import SeededRandom
public import Tensors

/// Skip-grams with negative sampling over users' items; see ``Item2VecConfiguration``. The parameters are input and output vectors.
///
/// Loss of a pair of centre o and context c with the window's negatives N: log(1 + e^(−u_c·v_o)) + Σ_N log(1 + e^(u_c·v_n)), where u
/// are inputs, v outputs, and negatives equal to the centre are left out (Mikolov et al. 2013, eq. 4).
public struct Item2Vec: Recommender {
    public let configuration: Item2VecConfiguration
    public let itemCount: Int
    public let layout: ParameterLayout

    /// The most recent events of a history that a query is made of.
    public static let historyLimit = 1000

    /// - Parameters:
    ///   - configuration: validated (`ModelConfiguration.recommender` does it).
    ///   - itemCount: V, at least 2.
    init(_ configuration: Item2VecConfiguration, itemCount: Int) {
        self.configuration = configuration
        self.itemCount = itemCount
        let shape = [itemCount, configuration.dimension]
        layout = ParameterLayout([("item.inputs", shape), ("item.outputs", shape)])
    }

    public var itemTables: [String] { ["item.inputs", "item.outputs"] }
    public var sequenceUse: SequenceUse { .whole }
    public var sharedNegatives: Int { 0 }

    /// Inputs uniform in ± 1/(2 D), outputs 0, as word2vec starts.
    public func initialParameters(_ stream: RandomStream) -> [Float] {
        let limit = 0.5 / Float(configuration.dimension)
        var numbers = stream.child("item.inputs")
        return (0..<layout.count).map { $0 < outputStart ? (2 * numbers.uniformFloat() - 1) * limit : 0 }
    }

    var outputStart: Int { itemCount * configuration.dimension }

    /// Every event that has another one beside it: the centres.
    public func targetCount(of sequences: [ArraySlice<Int32>]) -> Int { sequences.reduce(0) { $0 + ($1.count < 2 ? 0 : $1.count) } }

    public func prepared(_ parameters: [Float]) -> any PreparedRecommender { PreparedItem2Vec(self, parameters) }

    public func scores(_ parameters: [Float], histories: [ArraySlice<Int32>]) -> [Float] { prepared(parameters).scores(histories: histories) }

    public func accumulateGradient(
        _ parameters: [Float], sequences: [ArraySlice<Int32>], negatives: [Int32], stream: RandomStream?, weight: Float,
        into gradient: inout GradientBuffer, scratch: inout ScratchMemory
    ) -> LossSum {
        precondition(parameters.count == layout.count, "\(parameters.count) parameters do not fill a layout of \(layout.count)")
        var sum = LossSum()
        var window = SkipGramWindow()
        for (index, sequence) in sequences.enumerated() where sequence.count >= 2 {
            var numbers = (stream ?? RandomStream(seed: 0, "item2vec")).child("windows").child(index)
            for center in sequence.indices {
                window.draw(center, of: sequence, configuration, itemCount: itemCount, &numbers)
                window.contexts.withUnsafeBufferPointer { gradient.touch(0, rows: $0) }
                window.outputs.withUnsafeBufferPointer { gradient.touch(1, rows: $0) }
                sum += LossSum(loss: addGradient(of: window, parameters, weight: weight, to: &gradient.values), targets: 1)
            }
        }
        return sum
    }

    /// Adds `weight` × the gradient of a window's loss and returns the loss.
    package func addGradient(of window: SkipGramWindow, _ parameters: [Float], weight: Float, to gradient: inout [Float]) -> Double {
        let D = configuration.dimension
        var loss = 0.0
        parameters.withUnsafeBufferPointer { parameters in
            gradient.withUnsafeMutableBufferPointer { gradient in
                let (inputs, outputs) = (parameters.baseAddress!, parameters.baseAddress! + outputStart)
                let (inputSlopes, outputSlopes) = (gradient.baseAddress!, gradient.baseAddress! + outputStart)
                for context in window.contexts {
                    let read = Int(context) * D
                    for (rank, output) in window.outputs.enumerated() {
                        let written = Int(output) * D
                        let score = Kernels.dot(inputs + read, outputs + written, count: D)
                        loss += Double(Kernels.softplus(rank == 0 ? -score : score))
                        let slope = weight * (rank == 0 ? -Kernels.sigmoid(-score) : Kernels.sigmoid(score))
                        Kernels.axpy(slope, outputs + written, to: inputSlopes + read, count: D)
                        Kernels.axpy(slope, inputs + read, to: outputSlopes + written, count: D)
                    }
                }
            }
        }
        return loss
    }
}

/// A centre with its contexts, and the items whose outputs it is trained on.
package struct SkipGramWindow {
    /// Items beside the centre.
    package var contexts: [Int32]
    /// The centre, then the negatives.
    package var outputs: [Int32]

    package init(contexts: [Int32] = [], outputs: [Int32] = []) {
        self.contexts = contexts
        self.outputs = outputs
    }

    /// The window around an event: its reach uniform in 1 … window, negatives uniform over the items and other than the centre.
    mutating func draw(
        _ center: Int, of sequence: ArraySlice<Int32>, _ configuration: Item2VecConfiguration, itemCount: Int, _ numbers: inout RandomStream
    ) {
        let reach = 1 + numbers.below(configuration.window)
        contexts.removeAll(keepingCapacity: true)
        outputs.removeAll(keepingCapacity: true)
        outputs.append(sequence[center])
        let end = configuration.directed ? center : min(sequence.endIndex - 1, center + reach)
        for place in max(sequence.startIndex, center - reach)...end where place != center { contexts.append(sequence[place]) }
        for _ in 0..<configuration.negatives {
            let item = Int32(numbers.below(itemCount))
            if item != sequence[center] { outputs.append(item) }
        }
    }
}
