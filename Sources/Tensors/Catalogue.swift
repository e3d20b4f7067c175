/// Operators that are found once by name and then called through the dispatcher.
///
/// All names Genera relies on stand here or in `Operator.required`, so that `genera doctor` can say which of them the
/// LibTorch at hand lacks.
enum ops {
    static let full = Operator("full")
    static let zeros = Operator("zeros")
    static let ones = Operator("ones")
    static let arange = Operator("arange", "start")
    static let reciprocal = Operator("reciprocal")
    static let relu = Operator("relu")
    static let cos = Operator("cos")
    static let sin = Operator("sin")
    static let log1p = Operator("log1p")
    static let abs = Operator("abs")
    static let pow = Operator("pow", "Tensor_Scalar")
    static let round = Operator("round")
    static let clamp = Operator("clamp")
    static let less = Operator("lt", "Scalar")
    static let sum = Operator("sum")
    static let sumAxes = Operator("sum", "dim_IntList")
    static let mean = Operator("mean")
    static let meanAxes = Operator("mean", "dim")
    static let amax = Operator("amax")
    static let logsumexp = Operator("logsumexp")
    static let transpose = Operator("transpose", "int")
    static let expand = Operator("expand")
    static let unsqueeze = Operator("unsqueeze")
    static let narrow = Operator("narrow")
    static let select = Operator("select", "int")
    static let indexSelect = Operator("index_select")
    static let chunk = Operator("chunk")
    static let flip = Operator("flip")
    static let cat = Operator("cat")
    static let stack = Operator("stack")
    static let select2 = Operator("where", "self")
    static let contiguous = Operator("contiguous")
    static let toDType = Operator("to", "dtype")
    static let toDevice = Operator("to", "device")
    static let clone = Operator("clone")
    static let detach = Operator("detach")
    static let copy = Operator("copy_")
    static let zero = Operator("zero_")
    static let upsampleNearest2d = Operator("upsample_nearest2d")
    static let avgPool2d = Operator("avg_pool2d")
    static let convTranspose2d = Operator("conv_transpose2d", "input")
}

extension Operator {
    /// A number raised to each element of a tensor.
    public static let powScalar = Operator("pow", "Scalar")
}
