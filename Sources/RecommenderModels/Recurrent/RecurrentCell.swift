internal import Tensors

/// What a recurrent network computes at one position, for all sequences of a step at once.
///
/// Letters: N positions of a batch, H width of the state, D width of what a layer reads, B sequences.
protocol RecurrentCell: Sendable {
    /// What a layer's forward pass leaves for its backward pass, in the arena.
    associatedtype Pass: RecurrentPass
    /// The layers' tensors are named after it.
    static var name: String { get }
    /// Weights have so many × H rows.
    static var gates: Int { get }

    /// Floats that the working memory of either direction takes from the arena.
    static func workCount(positions N: Int, sequences B: Int, width H: Int, inputWidth D: Int) -> Int

    /// One layer over all positions.
    /// - Parameters:
    ///   - parameters: the flat buffer.
    ///   - arena: working memory.
    static func forward(_ layer: RecurrentLayer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, pass: Pass, arena: ScratchArena)

    /// The layer's derivative: adds the gradients of its weights to `gradient`.
    /// - Parameters:
    ///   - pass: as `forward` left it.
    ///   - stateGradients: N × H, with respect to the states; overwritten.
    ///   - inputGradients: N × D, receives the gradient with respect to the inputs.
    ///   - gradient: the flat buffer.
    static func backward(
        _ layer: RecurrentLayer, _ parameters: UnsafePointer<Float>, batch: PackedBatch, pass: Pass,
        stateGradients: UnsafeMutablePointer<Float>, inputGradients: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>,
        arena: ScratchArena)
}

/// What a layer keeps.
protocol RecurrentPass {
    /// Floats it takes.
    static func count(positions N: Int, width H: Int) -> Int
    /// - Parameters:
    ///   - memory: room for `count`.
    ///   - inputs: N × D; kept by reference.
    init(_ memory: UnsafeMutablePointer<Float>, inputs: UnsafeMutablePointer<Float>, batch: PackedBatch, width H: Int)
    /// N × H: the state after each position.
    var states: UnsafeMutablePointer<Float> { get }
}

/// Where a layer's tensors lie.
struct RecurrentLayer: Sendable {
    /// Gates × H × D, and gates × H × H.
    let inputWeights, hiddenWeights: Int
    /// Gates × H.
    let inputBias, hiddenBias: Int
    /// D.
    let inputWidth: Int
    /// H.
    let stateWidth: Int
}
