/// A safetensors file in memory: named tensors and text metadata.
///
/// The format (github.com/huggingface/safetensors, version 0.x): eight bytes little-endian length N, N bytes of JSON, then the
/// tensors' bytes back to back. Encoding is deterministic: the same tensors and metadata, in any order, give the same bytes.
public struct Safetensors: Sendable, Hashable {
    /// A tensor of the file.
    public struct Tensor: Sendable, Hashable {
        public var name: String
        /// Lengths of the axes, row-major; empty for a scalar.
        public var shape: [Int]
        /// As many as the product of `shape`.
        public var values: [Float]

        public init(name: String, shape: [Int], values: [Float]) {
            precondition(shape.reduce(1, *) == values.count, "tensor \(name): \(values.count) values do not fill the shape \(shape)")
            self.name = name
            self.shape = shape
            self.values = values
        }
    }

    /// In the order of their bytes in the file.
    public var tensors: [Tensor]
    /// The file's `__metadata__`.
    public var metadata: [String: String]

    public init(tensors: [Tensor], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// The tensor of that name.
    public subscript(name: String) -> Tensor? { tensors.first { $0.name == name } }
}

/// Why bytes are not an acceptable safetensors file.
public struct SafetensorsError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = "safetensors: \(description)" }
}

extension ParameterLayout {
    /// The parameters as a safetensors file.
    /// - Parameter parameters: d values in this layout.
    public func safetensors(_ parameters: [Float], metadata: [String: String] = [:]) -> Safetensors {
        precondition(parameters.count == count, "\(parameters.count) parameters do not fill a layout of \(count)")
        let tensors = tensors.map { Safetensors.Tensor(name: $0.name, shape: $0.shape, values: Array(parameters[$0.range])) }
        return Safetensors(tensors: tensors, metadata: metadata)
    }

    /// The flat parameters of a file that holds exactly this layout's tensors, in any order.
    /// - Throws: `SafetensorsError` naming the first tensor that is missing, unknown, of another shape, or with a value that is infinite or
    ///   not a number.
    public func parameters(from file: Safetensors) throws -> [Float] {
        var parameters: [Float] = []
        parameters.reserveCapacity(count)
        for tensor in tensors {
            guard let stored = file[tensor.name] else {
                throw SafetensorsError("tensor \(tensor.name) is missing; the file belongs to another model")
            }
            guard stored.shape == tensor.shape else {
                throw SafetensorsError(
                    "tensor \(tensor.name) has shape \(stored.shape), the model needs \(tensor.shape); check the catalog and the model's dimensions")
            }
            guard Kernels.isFinite(stored.values) else {
                throw SafetensorsError("tensor \(tensor.name) holds values that are no finite numbers; the training that wrote it diverged, or the file is damaged")
            }
            parameters += stored.values
        }
        if let extra = file.tensors.first(where: { self[$0.name] == nil }) {
            throw SafetensorsError("tensor \(extra.name) is not part of the model; the file belongs to another model")
        }
        return parameters
    }
}
