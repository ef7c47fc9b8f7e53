internal import Tensors

/// The dropout patterns of a batch, none when there is no key.
struct SASRecDropout {
    let configuration: SASRecConfiguration
    /// `nil` switches dropout off.
    let key: UInt64?

    enum Site: UInt64 {
        case attention = 1
        case attended, inner, outer
    }

    var embedding: DropoutPattern { pattern(configuration.embeddingDropout, 0) }

    func pattern(_ site: Site, block: Int) -> DropoutPattern {
        pattern(site == .attention ? configuration.attentionDropout : configuration.hiddenDropout, UInt64(4 * block) + site.rawValue)
    }

    private func pattern(_ probability: Float, _ place: UInt64) -> DropoutPattern {
        guard let key, probability > 0 else { return .none }
        return DropoutPattern(probability: probability, key: key &+ place &* 0x9E37_79B9_7F4A_7C15)
    }
}

/// What a forward pass keeps: for every block its inputs, what each of its layers reads, and the shares of attention.
struct SASRecPass {
    let batch: RaggedBatch
    let dropout: SASRecDropout
    private let base: UnsafeMutablePointer<Float>
    private let configuration: SASRecConfiguration
    private let shareCount: Int

    /// What a block keeps.
    struct Block {
        /// N × D.
        let inputs: UnsafeMutablePointer<Float>
        /// N × 2.
        let attentionStatistics: UnsafeMutablePointer<Float>
        /// N × D: what the projections read.
        let attentionNormed: UnsafeMutablePointer<Float>
        /// N × 3D.
        let projected: UnsafeMutablePointer<Float>
        let shares: UnsafeMutablePointer<Float>
        /// N × D: what the output layer reads.
        let attended: UnsafeMutablePointer<Float>
        /// N × D: what the feed-forward part is added to.
        let middle: UnsafeMutablePointer<Float>
        /// N × 2.
        let feedForwardStatistics: UnsafeMutablePointer<Float>
        /// N × D: what the inner layer reads.
        let feedForwardNormed: UnsafeMutablePointer<Float>
        /// N × F: what the activation read; the same as `activated` with ReLU.
        let inner: UnsafeMutablePointer<Float>
        /// N × F: what the outer layer reads.
        let activated: UnsafeMutablePointer<Float>
    }

    init(_ model: SASRec, batch: RaggedBatch, dropout: SASRecDropout, arena: inout ScratchArena) {
        self.batch = batch
        self.dropout = dropout
        configuration = model.configuration
        shareCount = model.attention(.none).shareCount(batch)
        let (N, D) = (batch.positionCount, configuration.dimension)
        base = arena.take(configuration.blocks * Self.blockCount(configuration, positions: N, shares: shareCount) + N * (2 * D + 2))
    }

    private static func blockCount(_ configuration: SASRecConfiguration, positions N: Int, shares: Int) -> Int {
        let inner = configuration.feedForwardDimension * (configuration.activation == .relu ? 1 : 2)
        return N * (8 * configuration.dimension + inner + 4) + shares
    }

    /// Floats a pass takes from the arena, at most.
    static func scratchCount(_ configuration: SASRecConfiguration, positions N: Int, longest: Int) -> Int {
        configuration.blocks * blockCount(configuration, positions: N, shares: configuration.heads * N * longest)
            + N * (2 * configuration.dimension + 2)
    }

    func block(_ index: Int) -> Block {
        let (N, D, F) = (batch.positionCount, configuration.dimension, configuration.feedForwardDimension)
        var free = base + index * Self.blockCount(configuration, positions: N, shares: shareCount)
        func take(_ count: Int) -> UnsafeMutablePointer<Float> {
            defer { free += count }
            return free
        }
        let inputs = take(N * D)
        let attentionStatistics = take(2 * N)
        let attentionNormed = take(N * D)
        let projected = take(3 * N * D)
        let shares = take(shareCount)
        let attended = take(N * D)
        let middle = take(N * D)
        let feedForwardStatistics = take(2 * N)
        let feedForwardNormed = take(N * D)
        let activated = take(N * F)
        return Block(
            inputs: inputs, attentionStatistics: attentionStatistics, attentionNormed: attentionNormed, projected: projected, shares: shares,
            attended: attended, middle: middle, feedForwardStatistics: feedForwardStatistics, feedForwardNormed: feedForwardNormed,
            inner: configuration.activation == .relu ? activated : take(N * F), activated: activated)
    }

    /// N × D: what the blocks make of what was read. Behind the last block, and therefore where the next one's inputs would be.
    var outputs: UnsafeMutablePointer<Float> { block(configuration.blocks).inputs }
    /// N × 2.
    var statistics: UnsafeMutablePointer<Float> { outputs + batch.positionCount * configuration.dimension }
    /// N × D: what is scored.
    var scored: UnsafeMutablePointer<Float> { statistics + 2 * batch.positionCount }
}

extension SASRec {
    /// Reads the batch's items.
    func embed(_ parameters: UnsafePointer<Float>, _ batch: RaggedBatch, dropout: DropoutPattern, into out: UnsafeMutablePointer<Float>) {
        Kernels.embed(
            batch.inputs, from: parameters + places.embedding, scale: Float(width).squareRoot(), places: batch.places,
            positions: parameters + places.positions, into: out, rows: batch.positionCount, width: width)
        Kernels.dropout(out, count: batch.positionCount * width, dropout)
    }

    /// Everything up to what is scored.
    func forward(_ parameters: UnsafePointer<Float>, _ pass: SASRecPass, arena: inout ScratchArena) {
        let N = pass.batch.positionCount
        let spare = arena.take(max(N * width, SequenceAttention.tileCount(longest: pass.batch.longest)))
        let turned = arena.take(largestLayer)
        embed(parameters, pass.batch, dropout: pass.dropout.embedding, into: pass.block(0).inputs)
        for (index, block) in places.blocks.enumerated() {
            let kept = pass.block(index)
            let attention = attention(pass.dropout.pattern(.attention, block: index))
            normalize(parameters, block.attentionNorm, kept.inputs, into: kept.attentionNormed, statistics: kept.attentionStatistics, rows: N)
            project(parameters, block, kept.inputs, normed: kept.attentionNormed, into: kept.projected, rows: N, turned: turned)
            attention.forward(pass.batch, projected: kept.projected, shares: kept.shares, attended: kept.attended, spare: spare)
            apply(parameters, block.output, kept.attended, into: spare, rows: N, turned: turned)
            Kernels.residual(
                spare, bias: parameters + block.output.bias, to: residual(kept.inputs, normed: kept.attentionNormed), into: kept.middle, rows: N, width: width,
                pass.dropout.pattern(.attended, block: index))
            feedForward(
                parameters, block, kept.middle, statistics: kept.feedForwardStatistics, normed: kept.feedForwardNormed, inner: kept.inner,
                activated: kept.activated, spare: spare, turned: turned, into: pass.block(index + 1).inputs, rows: N,
                dropout: (pass.dropout.pattern(.inner, block: index), pass.dropout.pattern(.outer, block: index)))
        }
        normalize(parameters, places.lastNorm, pass.outputs, into: pass.scored, statistics: pass.statistics, rows: N)
    }

    /// What a part is added to.
    func residual(_ x: UnsafeMutablePointer<Float>, normed: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        configuration.residual == .inputs ? x : normed
    }

    /// Queries, keys and values of all positions.
    /// - Parameters:
    ///   - x: N × D, what the block reads, and `normed` what its first normalisation makes of it.
    ///   - projected: receives N × 3D.
    func project(
        _ parameters: UnsafePointer<Float>, _ block: Places.Block, _ x: UnsafePointer<Float>, normed: UnsafePointer<Float>,
        into projected: UnsafeMutablePointer<Float>, rows: Int, turned: UnsafeMutablePointer<Float>? = nil
    ) {
        switch configuration.residual {
        case .inputs: apply(parameters, block.projections, normed, into: projected, rows: rows, turned: turned)
        case .normalized:
            func make(_ layer: Places.Linear, of inputs: UnsafePointer<Float>, at column: Int) {
                BLAS.multiply(
                    BLAS.Strided(reading: inputs, stride: width), transposed: BLAS.Strided(reading: parameters + layer.weights, stride: width),
                    into: BLAS.Strided(projected + column, stride: 3 * width), rows: rows, inner: width, columns: layer.outputWidth)
            }
            make(block.queries, of: normed, at: 0)
            make(block.keysAndValues, of: x, at: width)
        }
        Kernels.addBias(parameters + block.projections.bias, toRowsOf: projected, rows: rows, width: 3 * width)
    }

    /// out ← x + W₂ φ(W₁ LN(x) + b₁) + b₂, or LN(x) + … .
    func feedForward(
        _ parameters: UnsafePointer<Float>, _ block: Places.Block, _ x: UnsafeMutablePointer<Float>,
        statistics: UnsafeMutablePointer<Float>, normed: UnsafeMutablePointer<Float>, inner: UnsafeMutablePointer<Float>,
        activated: UnsafeMutablePointer<Float>, spare: UnsafeMutablePointer<Float>, turned: UnsafeMutablePointer<Float>,
        into out: UnsafeMutablePointer<Float>, rows: Int, dropout: (inner: DropoutPattern, outer: DropoutPattern)
    ) {
        let F = configuration.feedForwardDimension
        normalize(parameters, block.feedForwardNorm, x, into: normed, statistics: statistics, rows: rows)
        apply(parameters, block.inner, normed, into: inner, rows: rows, turned: turned)
        switch configuration.activation {
        case .relu: Kernels.relu(inner, bias: parameters + block.inner.bias, rows: rows, width: F, dropout.inner)
        case .gelu: Kernels.gelu(inner, bias: parameters + block.inner.bias, into: activated, rows: rows, width: F, dropout.inner)
        }
        apply(parameters, block.outer, activated, into: spare, rows: rows, turned: turned)
        Kernels.residual(spare, bias: parameters + block.outer.bias, to: residual(x, normed: normed), into: out, rows: rows, width: width, dropout.outer)
    }

    func normalize(
        _ parameters: UnsafePointer<Float>, _ norm: Places.Norm, _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
        statistics: UnsafeMutablePointer<Float>, rows: Int
    ) {
        Kernels.layerNorm(
            x, gain: parameters + norm.gain, bias: parameters + norm.bias, epsilon: Self.epsilon, into: out, statistics: statistics, rows: rows,
            width: width)
    }

    /// Floats of the largest layer's weights.
    var largestLayer: Int { width * max(3 * width, configuration.feedForwardDimension) }

    /// out ← x Wᵀ, without the bias.
    /// - Parameter turned: room for `largestLayer`, worth it for many rows; `nil` for few.
    func apply(
        _ parameters: UnsafePointer<Float>, _ layer: Places.Linear, _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, rows: Int,
        turned: UnsafeMutablePointer<Float>? = nil
    ) {
        if let turned {
            BLAS.multiply(
                x, transposed: parameters + layer.weights, turned: turned, into: out, rows: rows, inner: layer.inputWidth,
                columns: layer.outputWidth)
        } else {
            BLAS.multiply(
                x, transposed: parameters + layer.weights, into: out, rows: rows, inner: layer.inputWidth, columns: layer.outputWidth)
        }
    }
}
