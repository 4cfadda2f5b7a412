/// Scripts for shells. Each only takes the command line apart as its shell has it, asks
/// `berth __complete`, and hands on the answer.
enum CompletionScript: String, CaseIterable {
    case bash, zsh, fish

    var text: String {
        switch self {
        case .bash: Self.bashText
        case .zsh: Self.zshText
        case .fish: Self.fishText
        }
    }

    private static let bashText = #"""
        # bash completion for berth, made by `berth completion bash`.

        # The word without its quotes and backslashes, nothing in it expanded but a leading ~.
        __berth_unquoted() {
            local word=$1
            case $word in
                \'*) word=${word#\'}; word=${word%\'} ;;
                \"*) word=${word#\"}; word=${word%\"} ;;
                *) word=${word//\\/} ;;
            esac
            [[ $word == '~/'* && $1 != [\'\"]* ]] && word=$HOME/${word#'~/'}
            printf '%s' "$word"
        }

        _berth() {
            local rest=${COMP_LINE:0:COMP_POINT} word last='' line option='' current before i
            local -a words=() lines=()
            COMPREPLY=()
            # bash breaks words at = and :, which belong together here.
            for ((i = 0; i <= COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
                    rest=${rest#"${rest%%[![:space:]]*}"}
                    words+=('')
                fi
                ((i == COMP_CWORD)) && word=$rest
                words[${#words[@]} - 1]+=$word
                rest=${rest#"$word"}
                last=$word
            done
            [[ $last == [=:]* ]] && last=${last##*[=:]}
            last=${last#[\'\"]}
            for i in "${!words[@]}"; do words[i]=$(__berth_unquoted "${words[i]}"); done
            current=${words[${#words[@]} - 1]}
            type -P -- "${words[0]}" > /dev/null || return 0
            mapfile -t lines < <("${words[0]}" __completeNoDesc "${words[@]:1}" 2> /dev/null < /dev/null)
            ((${#lines[@]} > 0)) && [[ ${lines[${#lines[@]} - 1]} == :* ]] || return 0
            line=${lines[${#lines[@]} - 1]#:}
            unset "lines[${#lines[@]} - 1]"
            if [[ $current == -*=* ]]; then
                option=${current%%=*}=
                current=${current#*=}
            fi
            # What stands before the part that bash replaces.
            last=${last//\\/}
            before=$option$current
            before=${before%"$last"}
            case $line in
                0 | 8 | 16)
                    compopt -o filenames 2> /dev/null
                    while IFS= read -r word; do
                        if [[ $line == 8 && ! -d $word ]]; then
                            [[ " ${lines[*]} " == *" ${word##*.} "* ]] || continue
                        fi
                        word=$option$word
                        COMPREPLY+=("${word#"$before"}")
                    done < <(if [[ $line == 16 ]]; then compgen -d -- "$current"; else compgen -f -- "$current"; fi)
                    ;;
                *)
                    [[ $line == 6 ]] && compopt -o nospace 2> /dev/null
                    for word in "${lines[@]}"; do
                        word=$option$word
                        COMPREPLY+=("${word#"$before"}")
                    done
                    ;;
            esac
            return 0
        }

        complete -F _berth berth

        """#

    private static let zshText = #"""
        #compdef berth
        # zsh completion for berth, made by `berth completion zsh`.

        _berth() {
            local -a lines pairs
            local line directive
            lines=("${(@f)$(command ${~${(Q)words[1]}} __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null < /dev/null)}")
            [[ ${lines[-1]} == :<-> ]] || return 1
            directive=${lines[-1]#:}
            lines=("${(@)lines[1,-2]}")
            [[ $PREFIX == -*=* ]] && compset -P 1 '*='
            case $directive in
                8) _files -g "*.(${(j:|:)lines})" ;;
                16) _files -/ ;;
                0) _files ;;
                *)
                    for line in $lines; do
                        pairs+=("${${line%%$'\t'*}//:/\\:}${${(M)line:#*$'\t'*}:+:${line#*$'\t'}}")
                    done
                    if [[ $directive == 6 ]]; then
                        _describe -t values value pairs -S ''
                    else
                        _describe -t values value pairs
                    fi
                    ;;
            esac
        }

        if [ "$funcstack[1]" = _berth ]; then
            _berth "$@"
        else
            compdef _berth berth
        fi

        """#

    private static let fishText = #"""
        # fish completion for berth, made by `berth completion fish`.

        function __berth_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l program $words[1]
            set -e words[1]
            set -l lines (command $program __complete $words "$current" 2>/dev/null </dev/null)
            string match -qr '^:\d+$' -- "$lines[-1]"; or return
            set -l directive $lines[-1]
            set -e lines[-1]
            set -l option (string match -r -- '^-[^=]*=' $current)
            set -l value (string replace -r -- '^-[^=]*=' '' $current)
            switch $directive
                case :0 :8 :16
                    # The shell expects what was written, ~ and all.
                    set -l written (string match -r -- '^~(?=/)' "$value")
                    test -n "$written"; and set value (string replace -- '~' $HOME $value)
                    for path in $value*
                        set -l ending ''
                        if test -d $path
                            set ending /
                        else if test $directive = :16
                            continue
                        else if test $directive = :8
                            contains -- (string replace -r -- '.*\.' '' $path) $lines; or continue
                        end
                        test -n "$written"; and set path (string replace -- $HOME $written $path)
                        printf '%s%s%s\n' "$option" $path $ending
                    end
                case '*'
                    for line in $lines
                        printf '%s%s\n' "$option" $line
                    end
            end
        end

        complete -c berth -f -a '(__berth_complete)'

        """#
}
