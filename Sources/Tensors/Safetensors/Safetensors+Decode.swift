extension Safetensors {
    /// The most bytes a header may have, as in the reference reader.
    static let maximumHeaderCount = 100_000_000

    /// Reads a file strictly: every size is checked against the bytes that are there before anything is allocated, and the
    /// tensors must cover the data without gap or overlap.
    /// - Parameter bytes: the whole file. Types F64, F32, F16 and BF16 are converted to float32.
    /// - Throws: `SafetensorsError` naming what is wrong and in which tensor.
    public init(decoding bytes: [UInt8]) throws {
        guard bytes.count >= 8 else { throw SafetensorsError("\(bytes.count) bytes are too few for a header; the file is truncated") }
        let declared = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << (8 * UInt64($1)) }
        guard declared <= UInt64(Self.maximumHeaderCount) else {
            throw SafetensorsError("a header of \(declared) bytes is over the limit of \(Self.maximumHeaderCount); not a safetensors file")
        }
        guard Int(declared) <= bytes.count - 8 else {
            throw SafetensorsError("the header needs \(declared) bytes and \(bytes.count - 8) are there; the file is truncated")
        }
        let data = bytes[(8 + Int(declared))...]
        var parser = SafetensorsHeaderParser(bytes[8..<(8 + Int(declared))])
        let header = try parser.parse()
        metadata = header.metadata

        let ordered = header.entries.sorted { ($0.start, $0.end, $0.name) < ($1.start, $1.end, $1.name) }
        var end = 0
        for entry in ordered {
            try entry.check()
            guard entry.start == end else {
                throw SafetensorsError("tensor \(entry.name) starts at \(entry.start), \(end) was expected; tensors overlap or leave a gap")
            }
            guard entry.end <= data.count else {
                throw SafetensorsError("tensor \(entry.name) ends at \(entry.end) of \(data.count) data bytes; the file is truncated")
            }
            end = entry.end
        }
        guard end == data.count else {
            throw SafetensorsError("\(data.count - end) bytes follow the last tensor; the file is damaged")
        }
        tensors = ordered.map { entry in
            let slice = data[(data.startIndex + entry.start)..<(data.startIndex + entry.end)]
            return Tensor(name: entry.name, shape: entry.shape, values: entry.type.floats(slice))
        }
    }
}

/// One tensor as the header describes it.
struct SafetensorsEntry {
    var name: String
    var type: SafetensorsType
    var shape: [Int]
    var start: Int
    var end: Int

    /// The offsets agree with type and shape, without overflow.
    func check() throws {
        var size = type.width
        for length in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: length)
            guard !overflow else { throw SafetensorsError("tensor \(name) has the impossible shape \(shape)") }
            size = product
        }
        guard start <= end, end - start == size else {
            throw SafetensorsError("tensor \(name) needs \(size) bytes by its shape and has the offsets [\(start), \(end)]")
        }
    }
}

/// Element types that can be read.
enum SafetensorsType: String {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    /// Bytes of an element.
    var width: Int {
        switch self {
        case .float64: 8
        case .float32: 4
        case .float16, .bfloat16: 2
        }
    }

    func floats(_ bytes: ArraySlice<UInt8>) -> [Float] {
        let count = bytes.count / width
        return bytes.withUnsafeBytes { raw in
            [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                for index in 0..<count { buffer.initializeElement(at: index, to: float(raw, at: index)) }
                initialized = count
            }
        }
    }

    private func float(_ raw: UnsafeRawBufferPointer, at index: Int) -> Float {
        switch self {
        case .float64:
            Float(Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))))
        case .float32:
            Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
        case .bfloat16:
            Float(bitPattern: UInt32(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))) << 16)
        case .float16:
            Self.half(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        }
    }

    /// IEEE binary16 to binary32, spelled out because `Float16` does not exist on every platform.
    private static func half(_ bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            return Float(bitPattern: magnitude.bitPattern | sign)
        case 31:
            return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default:
            return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
