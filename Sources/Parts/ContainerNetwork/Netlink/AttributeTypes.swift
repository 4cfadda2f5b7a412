import CLinux

// The enumerations of the kernel's headers that number attributes.
extension AttributeType where Self: RawRepresentable, RawValue == UInt32 {
    var attributeType: UInt16 { UInt16(rawValue) }
}

extension nlmsgerr_attrs: AttributeType {}
extension rtattr_type_t: AttributeType {}
extension nfnl_batch_attributes: AttributeType {}
extension nft_list_attributes: AttributeType {}
extension nft_hook_attributes: AttributeType {}
extension nft_table_attributes: AttributeType {}
extension nft_chain_attributes: AttributeType {}
extension nft_rule_attributes: AttributeType {}
extension nft_set_attributes: AttributeType {}
extension nft_set_elem_attributes: AttributeType {}
extension nft_set_elem_list_attributes: AttributeType {}
extension nft_data_attributes: AttributeType {}
extension nft_verdict_attributes: AttributeType {}
extension nft_expr_attributes: AttributeType {}
extension nft_immediate_attributes: AttributeType {}
extension nft_bitwise_attributes: AttributeType {}
extension nft_cmp_attributes: AttributeType {}
extension nft_lookup_attributes: AttributeType {}
extension nft_payload_attributes: AttributeType {}
extension nft_meta_attributes: AttributeType {}
extension nft_ct_attributes: AttributeType {}
extension nft_fib_attributes: AttributeType {}
extension nft_nat_attributes: AttributeType {}
extension nft_gen_attributes: AttributeType {}
extension ctattr_type: AttributeType {}
extension ctattr_tuple: AttributeType {}
extension ctattr_ip: AttributeType {}
extension ctattr_l4proto: AttributeType {}
