internal import Foundation

/// A workload file is not what it should be.
public struct WorkloadError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Little-endian fields of a file, one behind the other.
struct BinaryReader {
    private let bytes: Data
    private let path: String
    private var position = 0

    init(path: String) throws {
        do {
            bytes = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
        } catch {
            throw WorkloadError("\(path) cannot be read: \(error.localizedDescription); make it with `workloads generate`")
        }
        self.path = path
    }

    mutating func magic(_ expected: String) throws {
        guard try array(of: UInt8.self, count: 4) == Array(expected.utf8) else { throw WorkloadError("\(path) does not start with \(expected); it is another kind of file") }
    }

    mutating func array<Value: FixedWidthInteger & BitwiseCopyable>(of type: Value.Type, count: Int) throws -> [Value] {
        try raw(count: count, zero: 0)
    }

    mutating func floats(count: Int) throws -> [Float] { try raw(count: count, zero: 0) }

    mutating func value<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) throws -> Value { try array(of: type, count: 1)[0] }

    private mutating func raw<Value: BitwiseCopyable>(count: Int, zero: Value) throws -> [Value] {
        let size = count * MemoryLayout<Value>.stride
        guard count >= 0, position + size <= bytes.count else { throw WorkloadError("\(path) ends early; make it again with `workloads generate`") }
        var values = [Value](repeating: zero, count: count)
        values.withUnsafeMutableBytes { out in
            bytes.withUnsafeBytes { out.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + size])) }
        }
        position += size
        return values
    }
}

/// Writes what ``BinaryReader`` reads.
struct BinaryWriter {
    private var bytes = Data()

    mutating func magic(_ text: String) { bytes.append(contentsOf: text.utf8) }
    mutating func append<Value: BitwiseCopyable>(_ values: [Value]) { values.withUnsafeBytes { bytes.append(contentsOf: $0) } }

    func write(to path: String) throws {
        do {
            try bytes.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw WorkloadError("\(path) cannot be written: \(error.localizedDescription); check the folder and the free space")
        }
    }
}
