import Tensors
import Testing

@Suite struct MemoryTests {
    @Test("Elements are seen in row-major order, whatever the strides, and in place where they lie so")
    func reading() throws {
        let x = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
        #expect(try x.withElements(of: Float.self) { Array($0) } == [1, 2, 3, 4, 5, 6])
        #expect(try x.transposed().withElements(of: Float.self) { Array($0) } == [1, 4, 2, 5, 3, 6])
        #expect(try x.narrowed(axis: 1, 1..<2).withElements(of: Float.self) { Array($0) } == [2, 5])
        #expect(try Tensor(2.5).expanded([3]).withElements(of: Double.self) { Array($0) } == [2.5, 2.5, 2.5])
        #expect(try Tensor.zeros([0, 4]).withElements(of: Float.self) { $0.count } == 0)
        try x.withMutableElements(of: Float.self) { $0[4] = 9 }
        #expect(try x.values == [1, 2, 3, 4, 9, 6] && x.reshaped([6]).withElements(of: Float.self) { $0[4] } == 9)
        let seen: UnsafePointer<Float>? = try x.withElements { $0.baseAddress }
        #expect(try x.withMutableElements(of: Float.self) { UnsafePointer($0.baseAddress) } == seen)
    }

    @Test("Other types, other orders and failed tensors are refused")
    func refusing() throws {
        let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
        let wrong = try #require(tensorError { try x.withElements(of: Double.self) { $0.count } })
        #expect(wrong.message == "they are not float64" && wrong.operands == ["float32 [2, 2]"])
        let order = try #require(tensorError { try x.transposed().withMutableElements(of: Float.self) { $0.count } })
        #expect(order.message == "its elements do not lie in row-major order in the processor's memory")
        #expect(tensorError { try x.reshaped([3]).withElements(of: Float.self) { $0.count } }?.op == "reshape")
        struct Stop: Error {}
        #expect(throws: Stop.self) { try x.withElements(of: Float.self) { _ in throw Stop() } }
    }
}
