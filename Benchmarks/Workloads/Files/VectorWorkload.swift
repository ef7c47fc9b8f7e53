internal import SeededRandom

/// Item vectors and queries for top-k search: points around centres, as learned item vectors lie, with queries among them.
///
/// The file's format is described in `Peers/README.md`.
public struct VectorWorkload: Sendable {
    public let width: Int
    /// Rows × width.
    public let items: [Float]
    /// Queries × width.
    public let queries: [Float]

    public var itemCount: Int { items.count / width }
    public var queryCount: Int { queries.count / width }

    /// - Parameters:
    ///   - items: how many rows; at least 1.
    ///   - queries: how many queries.
    public init(items: Int, width: Int, queries: Int, seed: UInt64) {
        precondition(items >= 1 && width >= 1, "a workload needs vectors")
        let centres = max(1, min(1000, items / 50))
        var stream = RandomStream(seed: seed, "vectors")
        // Sums of four uniforms, all from one word, are close enough to a normal law and cheap for a hundred million of them.
        func draw(_ count: Int, scale: Float, _ stream: inout RandomStream) -> [Float] {
            (0..<count).map { _ in
                let word = stream.next()
                let sum = (word & 0xffff) + (word >> 16 & 0xffff) + (word >> 32 & 0xffff) + (word >> 48)
                return (Float(sum) * 0x1p-16 - 2) * scale
            }
        }
        let middle = draw(centres * width, scale: 1, &stream)
        func around(_ count: Int, _ stream: inout RandomStream) -> [Float] {
            var points = draw(count * width, scale: 0.7, &stream)
            for row in 0..<count {
                let centre = stream.below(centres)
                for column in 0..<width { points[row * width + column] += middle[centre * width + column] }
            }
            return points
        }
        self.width = width
        self.items = around(items, &stream)
        self.queries = around(queries, &stream)
    }

    public init(file path: String) throws {
        var reader = try BinaryReader(path: path)
        try reader.magic("TRBV")
        let sizes = try reader.array(of: UInt32.self, count: 4)
        guard sizes[0] == 1, sizes[2] >= 1 else { throw WorkloadError("\(path) has version \(sizes[0]), not 1; make it again with `workloads generate`") }
        width = Int(sizes[2])
        items = try reader.floats(count: Int(sizes[1]) * width)
        queries = try reader.floats(count: Int(sizes[3]) * width)
    }

    public func write(to path: String) throws {
        var writer = BinaryWriter()
        writer.magic("TRBV")
        writer.append([1, UInt32(itemCount), UInt32(width), UInt32(queryCount)])
        writer.append(items)
        writer.append(queries)
        try writer.write(to: path)
    }
}
