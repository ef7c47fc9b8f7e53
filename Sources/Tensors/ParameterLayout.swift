/// The named tensors of a model, one behind the other in a single flat `[Float]`, each row-major.
///
/// Everything that is added up, clipped, sent or stored works on the flat buffer; names and shapes matter only to the model and
/// to files.
public struct ParameterLayout: Sendable, Hashable {
    /// One tensor of a layout.
    public struct Tensor: Sendable, Hashable {
        public let name: String
        /// Lengths of the axes, the last one contiguous; empty for a scalar.
        public let shape: [Int]
        /// Place in the flat buffer.
        public let range: Range<Int>

        /// Length of a row: the product of all axes but the first; 1 for a vector.
        public var rowWidth: Int { shape.dropFirst().reduce(1, *) }
    }

    public let tensors: [Tensor]
    /// d, the number of parameters.
    public let count: Int

    /// The tensors in the given order.
    /// - Parameter tensors: names are distinct, lengths at least 1, and the total is below 2³¹.
    public init(_ tensors: [(name: String, shape: [Int])]) {
        var placed: [Tensor] = []
        var end = 0
        for (name, shape) in tensors {
            precondition(!placed.contains { $0.name == name }, "two tensors are named \(name)")
            precondition(shape.allSatisfy { $0 >= 1 }, "tensor \(name) has an empty axis")
            let start = end
            end += shape.reduce(1, *)
            placed.append(Tensor(name: name, shape: shape, range: start..<end))
        }
        precondition(end < 1 << 31, "a layout holds fewer than 2^31 parameters")
        self.tensors = placed
        self.count = end
    }

    /// The tensor of that name.
    public subscript(name: String) -> Tensor? { tensors.first { $0.name == name } }
}
