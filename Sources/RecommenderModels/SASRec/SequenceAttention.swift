internal import Tensors

/// What a position attends to besides itself.
enum AttentionSpan: Sendable {
    /// The positions before it.
    case before
    /// All positions of its sequence.
    case all
}

/// Scaled dot-product attention within each sequence, head by head.
///
/// A sequence's square of shares is computed in tiles of consecutive rows; when a position attends only to those before, they end at the
/// diagonal, so that little of the upper triangle is.
struct SequenceAttention {
    /// D.
    let width: Int
    let heads: Int
    let span: AttentionSpan
    let dropout: DropoutPattern

    /// Rows of a tile.
    private static let tileRows = 32

    private var headWidth: Int { width / heads }
    private var scale: Float { 1 / Float(headWidth).squareRoot() }

    /// Shares a head keeps of a sequence of that length.
    private func shareCount(length: Int) -> Int {
        if span == .all { return length * length }
        let tileRows = Self.tileRows
        return stride(from: 0, to: length, by: tileRows).reduce(0) { $0 + (min($1 + tileRows, length) - $1) * min($1 + tileRows, length) }
    }

    /// Shares all heads keep of a batch's sequences.
    func shareCount(_ batch: RaggedBatch) -> Int {
        (0..<batch.sequenceCount).reduce(0) { $0 + heads * shareCount(length: batch.range($1).count) }
    }

    /// Floats of a tile, at most.
    static func tileCount(longest: Int) -> Int { min(tileRows, longest) * longest }

    /// - Parameters:
    ///   - projected: N × 3D, queries, keys and values.
    ///   - shares: receives `shareCount` shares before dropout.
    ///   - attended: N × D, receives the heads' outputs side by side.
    ///   - spare: room for a tile.
    func forward(
        _ batch: RaggedBatch, projected: UnsafeMutablePointer<Float>, shares: UnsafeMutablePointer<Float>,
        attended: UnsafeMutablePointer<Float>, spare: UnsafeMutablePointer<Float>
    ) {
        forEachTile(batch) { tile in
            let shares = shares + tile.shares
            let (rows, columns) = (tile.rows.count, tile.columns)
            BLAS.multiply(
                query(projected, tile), transposed: key(projected, tile), into: BLAS.Strided(shares, stride: columns), rows: rows,
                inner: headWidth, columns: columns)
            Kernels.causalSoftmax(shares, rows: rows, columns: columns, first: tile.firstSeen, scale: scale)
            var used = shares
            if !dropout.isNone {
                Kernels.attentionDropout(shares, into: spare, count: rows * columns, first: tile.shares, dropout)
                used = spare
            }
            BLAS.multiply(
                BLAS.Strided(used, stride: columns), value(projected, tile), into: output(attended, tile), rows: rows, inner: columns,
                columns: headWidth)
        }
    }

    /// - Parameters:
    ///   - projected, shares: as `forward` left them.
    ///   - attendedGradients: N × D.
    ///   - projectedGradients: N × 3D, overwritten.
    ///   - spare: room for two tiles.
    func backward(
        _ batch: RaggedBatch, projected: UnsafeMutablePointer<Float>, shares: UnsafeMutablePointer<Float>,
        attendedGradients: UnsafeMutablePointer<Float>, projectedGradients: UnsafeMutablePointer<Float>, spare: UnsafeMutablePointer<Float>
    ) {
        projectedGradients.update(repeating: 0, count: batch.positionCount * 3 * width)
        let other = spare + Self.tileCount(longest: batch.longest)
        forEachTile(batch) { tile in
            let shares = shares + tile.shares
            let (rows, columns) = (tile.rows.count, tile.columns)
            var used = shares
            if !dropout.isNone {
                Kernels.attentionDropout(shares, into: other, count: rows * columns, first: tile.shares, dropout)
                used = other
            }
            let gradients = BLAS.Strided(spare, stride: columns)
            let outputGradients = output(attendedGradients, tile)
            BLAS.multiply(
                outputGradients, transposed: value(projected, tile), into: gradients, rows: rows, inner: headWidth, columns: columns)
            BLAS.multiply(
                transposed: BLAS.Strided(used, stride: columns), outputGradients, into: value(projectedGradients, tile), rows: columns,
                inner: rows, columns: headWidth, accumulating: true)
            Kernels.causalSoftmaxBackward(
                spare, shares: shares, rows: rows, columns: columns, first: tile.firstSeen, scale: scale, index: tile.shares, dropout)
            BLAS.multiply(
                gradients, key(projected, tile), into: query(projectedGradients, tile), rows: rows, inner: columns, columns: headWidth)
            BLAS.multiply(
                transposed: gradients, query(projected, tile), into: key(projectedGradients, tile), rows: columns, inner: rows,
                columns: headWidth, accumulating: true)
        }
    }

    private struct Tile {
        /// First position of the sequence in the batch.
        let start: Int
        let head: Int
        /// Places in the sequence.
        let rows: Range<Int>
        /// The last row sees so many.
        let columns: Int
        /// The last column that the first row sees.
        let firstSeen: Int
        /// First of the tile's shares.
        let shares: Int
    }

    private func forEachTile(_ batch: RaggedBatch, _ body: (Tile) -> Void) {
        var shares = 0
        for sequence in 0..<batch.sequenceCount {
            let positions = batch.range(sequence)
            for head in 0..<heads {
                for first in stride(from: 0, to: positions.count, by: Self.tileRows) {
                    let rows = first..<min(first + Self.tileRows, positions.count)
                    let tile = Tile(
                        start: positions.lowerBound, head: head, rows: rows, columns: span == .all ? positions.count : rows.upperBound,
                        firstSeen: span == .all ? positions.count - 1 : first, shares: shares)
                    body(tile)
                    shares += tile.rows.count * tile.columns
                }
            }
        }
    }

    private func query(_ projected: UnsafeMutablePointer<Float>, _ tile: Tile) -> BLAS.Strided {
        BLAS.Strided(projected + (tile.start + tile.rows.lowerBound) * 3 * width + tile.head * headWidth, stride: 3 * width)
    }
    private func key(_ projected: UnsafeMutablePointer<Float>, _ tile: Tile) -> BLAS.Strided {
        BLAS.Strided(projected + tile.start * 3 * width + width + tile.head * headWidth, stride: 3 * width)
    }
    private func value(_ projected: UnsafeMutablePointer<Float>, _ tile: Tile) -> BLAS.Strided {
        BLAS.Strided(projected + tile.start * 3 * width + 2 * width + tile.head * headWidth, stride: 3 * width)
    }
    private func output(_ attended: UnsafeMutablePointer<Float>, _ tile: Tile) -> BLAS.Strided {
        BLAS.Strided(attended + (tile.start + tile.rows.lowerBound) * width + tile.head * headWidth, stride: width)
    }
}
