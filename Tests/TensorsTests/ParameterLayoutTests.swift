import Tensors
import Testing

@Suite struct ParameterLayoutTests {
    @Test("Tensors lie one behind the other")
    func ranges() {
        let layout = ParameterLayout([("table", [4, 3]), ("bias", [4]), ("scalar", [])])
        #expect(layout.count == 17)
        #expect(layout.tensors.map(\.range) == [0..<12, 12..<16, 16..<17])
        #expect(layout["bias"]?.range == 12..<16)
        #expect(layout["table"]?.rowWidth == 3)
        #expect(layout["bias"]?.rowWidth == 1)
        #expect(layout["other"] == nil)
    }
}
