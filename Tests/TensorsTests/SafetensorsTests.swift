import Tensors
import Testing

@Suite struct SafetensorsTests {
    static let file = Safetensors(
        tensors: [
            .init(name: "b", shape: [2, 3], values: [1, -2, 3.5, 0, -0.0, 1e-30]),
            .init(name: "a \"quoted\"\\ ü\n", shape: [], values: [7]),
            .init(name: "empty", shape: [0, 4], values: []),
        ], metadata: ["z": "last", "a": "line\nbreak"])

    static func bytes(header: String, data: Int) -> [UInt8] {
        let text = Array(header.utf8)
        return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + [UInt8](repeating: 0, count: data)
    }

    @Test("A file survives encoding and decoding")
    func roundTrip() throws {
        let decoded = try Safetensors(decoding: Self.file.encoded())
        #expect(decoded.metadata == Self.file.metadata)
        #expect(Set(decoded.tensors) == Set(Self.file.tensors))
        #expect(decoded["b"]?.values.map(\.bitPattern) == Self.file["b"]?.values.map(\.bitPattern))
    }

    @Test("The order of tensors and of metadata does not change the bytes")
    func deterministic() {
        let reversed = Safetensors(tensors: Self.file.tensors.reversed(), metadata: Self.file.metadata)
        #expect(reversed.encoded() == Self.file.encoded())
        #expect(Self.file.encoded().count % 4 == 0)
    }

    @Test("The bytes of a small file are these")
    func exactBytes() {
        let encoded = Safetensors(tensors: [.init(name: "x", shape: [1], values: [1])]).encoded()
        let header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(encoded == [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(padded.utf8) + [0, 0, 0x80, 0x3F])
    }

    @Test("Every truncation is refused")
    func truncated() {
        let encoded = Self.file.encoded()
        for count in 0..<encoded.count {
            #expect(throws: SafetensorsError.self, "\(count) bytes") { try Safetensors(decoding: Array(encoded.prefix(count))) }
        }
        #expect(throws: SafetensorsError.self) { try Safetensors(decoding: encoded + [0]) }
    }

    @Test("Damaged headers are refused", arguments: [
        "",
        "[]",
        "{",
        "{} x",
        "{\"x\":1}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1]}}",
        "{\"x\":{\"dtype\":\"Q7\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9223372036854775807],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}",
        "{\"__metadata__\":{\"a\":1}}",
        "{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
    ])
    func damaged(header: String) {
        #expect(throws: SafetensorsError.self) { try Safetensors(decoding: Self.bytes(header: header, data: 8)) }
    }

    @Test("A declared header longer than the file is refused before anything is allocated")
    func hugeHeader() {
        #expect(throws: SafetensorsError.self) { try Safetensors(decoding: [UInt8](repeating: 0xFF, count: 64)) }
        #expect(throws: SafetensorsError.self) { try Safetensors(decoding: [0, 0, 0, 5, 0, 0, 0, 0, 0x7B, 0x7D]) }
    }

    @Test("Half, bfloat and double precision are converted")
    func otherTypes() throws {
        func decode(_ type: String, _ data: [UInt8], count: Int) throws -> [Float] {
            let header = "{\"x\":{\"dtype\":\"\(type)\",\"shape\":[\(count)],\"data_offsets\":[0,\(data.count)]}}"
            return try Safetensors(decoding: Array(Self.bytes(header: header, data: 0)) + data).tensors[0].values
        }
        #expect(try decode("F16", [0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0x00, 0x7C], count: 4) == [1, -2, 0x1p-24, .infinity])
        #expect(try decode("BF16", [0x80, 0x3F, 0x20, 0xC0], count: 2) == [1, -2.5])
        #expect(try decode("F64", [0, 0, 0, 0, 0, 0, 0xF8, 0x3F], count: 1) == [1.5])
    }

    @Test("A layout takes only its own tensors")
    func layout() throws {
        let layout = ParameterLayout([("a", [2]), ("b", [2, 2])])
        let file = layout.safetensors([1, 2, 3, 4, 5, 6])
        #expect(try layout.parameters(from: file) == [1, 2, 3, 4, 5, 6])
        #expect(throws: SafetensorsError.self) { try ParameterLayout([("a", [2])]).parameters(from: file) }
        #expect(throws: SafetensorsError.self) { try ParameterLayout([("a", [2]), ("b", [4])]).parameters(from: file) }
        #expect(throws: SafetensorsError.self) { try ParameterLayout([("a", [2]), ("c", [2, 2])]).parameters(from: file) }
    }

    @Test("A layout takes finite numbers only, and names the tensor that holds others", arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(value: Float) {
        let layout = ParameterLayout([("a", [2]), ("b", [2, 2])])
        #expect {
            try layout.parameters(from: layout.safetensors([1, 2, 3, 4, 5, value]))
        } throws: {
            "\($0)".contains("tensor b holds values that are no finite numbers")
        }
    }
}
