import Tensors
import Testing

@Suite struct CreationTests {
    @Test("Elements of every Swift type come back as they went in")
    func roundTrips() throws {
        #expect(try Tensor([1.5, -2, 3] as [Float]).array(of: Float.self) == [1.5, -2, 3])
        #expect(try Tensor([1e300, -0.1]).array(of: Double.self) == [1e300, -0.1])
        #expect(try Tensor([Int.min, 0, Int.max]).array(of: Int.self) == [Int.min, 0, Int.max])
        #expect(try Tensor([Int64(7)]).array(of: Int64.self) == [7])
        #expect(try Tensor([Int32.min, 5]).array(of: Int32.self) == [Int32.min, 5])
        #expect(try Tensor([0, 128, 255] as [UInt8]).array(of: UInt8.self) == [0, 128, 255])
        #expect(try Tensor([true, false]).array(of: Bool.self) == [true, false])
    }

    @Test("Small whole numbers survive a conversion to every real type and back", arguments: DType.allCases)
    func conversions(dtype: DType) throws {
        let values: [Float] = [0, 1, 2, 3, 100]
        let converted = Tensor(values).to(dtype)
        #expect(converted.dtype == dtype)
        let expected = dtype == .bool ? [0, 1, 1, 1, 1] : values
        #expect(try converted.to(.float32).array(of: Float.self) == expected)
    }

    @Test("Float64 numbers round to the nearest of a narrower type")
    func rounding() throws {
        #expect(try Tensor([1 + 0x1p-24]).to(.float32).item() == 1)
        #expect(try Tensor([1 + 0x1p-9]).to(.bfloat16).item() == 1)
        #expect(try Tensor([65504.0]).to(.float16).item() == 65504)
    }

    @Test("Constant and counting tensors hold what they say")
    func constants() throws {
        #expect(try Tensor.zeros([2, 3]).values == [0, 0, 0, 0, 0, 0])
        #expect(try Tensor.ones([2], dtype: .int64).array(of: Int.self) == [1, 1])
        #expect(try Tensor.full([2], 0.1, dtype: .float64).values == [0.1, 0.1])
        #expect(try Tensor.arange(1, 4).values == [1, 2, 3])
        #expect(try Tensor.oneHot([2, 0, 9], classes: 3).values == [0, 0, 1, 1, 0, 0, 0, 0, 0])
        #expect(try Tensor(2.5).item() == 2.5 && Tensor(2.5).rank == 0)
    }

    @Test("Shape, type, device and count of a tensor are what it was made with")
    func properties() {
        let t = Tensor.zeros([4, 0, 5], dtype: .bfloat16)
        #expect(t.shape == [4, 0, 5] && t.rank == 3 && t.elementCount == 0 && t.dtype == .bfloat16 && t.device == .cpu)
        #expect(t.shape[-1] == 5 && t.shape[3] == 0 && t.shape[-4] == 0 && t.shape.elementCount == 0)
        #expect(t.summary == "bfloat16 [4, 0, 5]" && "\(t)" == "Tensor(bfloat16 [4, 0, 5])")
    }

    @Test("Values that do not fill the shape are refused with both counts")
    func wrongCount() {
        #expect(
            tensorError { try Tensor([1.0, 2], shape: [3]).checked() }?.message == "2 values do not fill the shape [3]")
        #expect(tensorError { try Tensor([1.0, 2], shape: [-1, -2]).checked() } != nil)
        #expect(tensorError { try Tensor.zeros([-1]).checked() } != nil)
    }

    @Test("Items of a tensor with more than one element are refused")
    func item() {
        #expect(tensorError { try Tensor([1.0, 2]).item() }?.message.contains("has 2 elements, not 1") == true)
    }

    @Test("A tensor over foreign memory sees it, and keeps its owner alive as long as any view of it")
    func mapping() throws {
        final class Owner: @unchecked Sendable {
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: 4)
            let onRelease: () -> Void
            init(_ onRelease: @escaping () -> Void) { self.onRelease = onRelease }
            deinit {
                onRelease()
                memory.deallocate()
            }
        }
        var released = 0
        var view: Tensor?
        do {
            let owner = Owner { released += 1 }
            for index in 0..<4 { owner.memory[index] = Float(index) }
            let mapped = Tensor(mapping: owner.memory, dtype: .float32, shape: [2, 2], owner: owner)
            owner.memory[3] = 9
            #expect(try mapped.values == [0, 1, 2, 9])
            view = mapped.selected(axis: 0, 1)
        }
        #expect(released == 0)
        #expect(try view?.values == [2, 9])
        view = nil
        #expect(released == 1)
    }

    @Test("Device names are read and written alike")
    func devices() {
        #expect(Device("cpu") == .cpu && Device("cuda") == .cuda(0) && Device("cuda:3")?.description == "cuda:3")
        #expect(Device("tpu") == nil && Device("cuda:") == nil && Device("cuda:-1") == nil && Device("cuda:400") == nil)
    }
}
